/** The length of the post in the status bar. */

import * as vscode from "vscode";

import { activeArticle } from "./articles";
import { count, isCondensed, isTooLong, type Post, remark } from "./model";
import type { Shelf } from "./posts";
import type { Server } from "./server";

const SHOWN_AT_MOST = 10;

export class Status implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem(
    "postkit.count",
    vscode.StatusBarAlignment.Right,
    110, // left of line and column
  );
  readonly #parts: vscode.Disposable;

  constructor(
    private readonly shelf: Shelf,
    private readonly server: Server,
  ) {
    this.#item.name = "postkit: length of the post";
    this.#item.command = "postkit.preview";
    this.#parts = vscode.Disposable.from(
      this.#item,
      shelf.onDidChange(() => this.#update()),
      server.onDidChange(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
    );
    this.#update();
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #update(): void {
    const document = activeArticle();
    const posts = document && this.shelf.get(document.uri);
    const trouble = this.server.trouble;
    if (document && trouble) {
      this.#show("$(warning) postkit", `${trouble.message} ${trouble.hint}`, "warning");
    } else if (posts?.error) {
      const { message, hint } = posts.error;
      this.#show("$(megaphone) no post", hint ? `${message}\n\n${hint}` : message, "error");
    } else if (posts?.posts[0]) {
      const first = posts.posts[0];
      const uneasy = posts.posts.some((post) => isTooLong(post) || isCondensed(post));
      this.#show(`$(megaphone) ${count(first)}`, tooltip(posts.posts), uneasy ? "warning" : undefined);
    } else {
      this.#item.hide();
    }
  }

  #show(
    text: string,
    about: string | vscode.MarkdownString,
    colour: "warning" | "error" | undefined,
  ): void {
    this.#item.text = text;
    this.#item.tooltip = about;
    this.#item.backgroundColor =
      colour && new vscode.ThemeColor(`statusBarItem.${colour}Background`);
    this.#item.show();
  }
}

/** Markdown, but nothing of the article is read as such. */
function tooltip(posts: Post[]): vscode.MarkdownString {
  const about = new vscode.MarkdownString();
  for (const post of posts) {
    const remarked = remark(post);
    about.appendMarkdown("**").appendText(post.title).appendMarkdown("** ");
    about.appendText(`${count(post)}${remarked && `, ${remarked}`}`).appendMarkdown("\n\n");
    if (post.left_out.length > 0) {
      about.appendMarkdown("Left out:\n\n");
      for (const { what, why, line } of post.left_out.slice(0, SHOWN_AT_MOST)) {
        const where = line === null ? "" : ` (line ${line})`;
        about.appendMarkdown("- ").appendText(oneLine(`${what}: ${why}${where}`)).appendMarkdown("\n");
      }
      const more = post.left_out.length - SHOWN_AT_MOST;
      about.appendMarkdown(more > 0 ? `- and ${more} more\n\n` : "\n");
    }
  }
  return about.appendMarkdown("Click to see the post.");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
