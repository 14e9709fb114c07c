/** The post beside the editor. */

import { randomBytes } from "node:crypto";
import { basename } from "node:path";

import * as vscode from "vscode";

import { activeArticle } from "./articles";
import type { FromPage, ToPage } from "./messages";
import type { Shelf } from "./posts";
import type { Server } from "./server";
import { page } from "./view/page";

export class Panel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | undefined;
  #article: vscode.Uri | undefined;
  readonly #parts: vscode.Disposable;

  constructor(
    private readonly home: vscode.Uri,
    private readonly shelf: Shelf,
    private readonly server: Server,
  ) {
    this.#parts = vscode.Disposable.from(
      shelf.onDidChange(() => this.#update()),
      server.onDidChange(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#follow()),
    );
    this.#follow();
  }

  /** The last article that had the focus; it stays while the panel itself has it. */
  get article(): vscode.Uri | undefined {
    return this.#article;
  }

  show(article: vscode.Uri): void {
    this.#article = article;
    if (this.#panel) {
      this.#panel.reveal(undefined, true);
    } else {
      this.#panel = this.#open();
    }
    this.#update();
  }

  say(message: ToPage): void {
    void this.#panel?.webview.postMessage(message);
  }

  dispose(): void {
    this.#panel?.dispose();
    this.#parts.dispose();
  }

  #open(): vscode.WebviewPanel {
    const assets = vscode.Uri.joinPath(this.home, "dist");
    const panel = vscode.window.createWebviewPanel(
      "postkit.post",
      "Post",
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [assets] },
    );
    panel.iconPath = vscode.Uri.joinPath(this.home, "images", "icon.png");
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    const { webview } = panel;
    webview.onDidReceiveMessage((message: FromPage) => void this.#heard(message));
    const asset = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(assets, name)).toString();
    webview.html = page({
      source: webview.cspSource,
      nonce: randomBytes(16).toString("base64"),
      script: asset("view.js"),
      style: asset("view.css"),
    });
    return panel;
  }

  #follow(): void {
    const active = activeArticle();
    if (active && active.uri.toString() !== this.#article?.toString()) {
      this.#article = active.uri;
      this.#update();
    }
  }

  #update(): void {
    const article = this.#article;
    if (!this.#panel || !article) {
      return;
    }
    const name = basename(article.path);
    this.#panel.title = `Post: ${name}`;
    this.say({
      kind: "show",
      name,
      posts: this.shelf.get(article),
      trouble: this.server.trouble,
    });
  }

  async #heard(message: FromPage): Promise<void> {
    const article = this.#article;
    switch (message.kind) {
      case "ready":
        this.#update();
        break;
      case "copy":
        await vscode.commands.executeCommand("postkit.copy", article, message.network);
        break;
      case "reveal":
        if (article) {
          await reveal(article, message.line - 1);
        }
        break;
      case "restart":
        await vscode.commands.executeCommand("postkit.restart");
        break;
    }
  }
}

async function reveal(article: vscode.Uri, line: number): Promise<void> {
  const shown = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === article.toString(),
  );
  const editor = await vscode.window.showTextDocument(article, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
  });
  const range = editor.document.lineAt(Math.min(line, editor.document.lineCount - 1)).range;
  editor.selection = new vscode.Selection(range.start, range.start);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
