/** The post beside the editor. */

import { randomBytes } from "node:crypto";
import { basename } from "node:path";

import * as vscode from "vscode";

import { activeArticle } from "./articles";
import type { FromPage, ToPage } from "./messages";
import type { Position } from "./places";
import type { Shelf } from "./posts";
import type { Server } from "./server";
import { page } from "./view/page";

const CALM_MS = 100;

export class Panel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | undefined;
  #article: vscode.Uri | undefined;
  /** What the page was told last of where the cursor is. */
  #told = "";
  #soon: NodeJS.Timeout | undefined;
  readonly #openOrClosed = new vscode.EventEmitter<void>();
  readonly #parts: vscode.Disposable;
  readonly onDidOpenOrClose = this.#openOrClosed.event;

  constructor(
    private readonly home: vscode.Uri,
    private readonly shelf: Shelf,
    private readonly server: Server,
  ) {
    this.#parts = vscode.Disposable.from(
      shelf.onDidChange(() => this.#update()),
      server.onDidChange(() => this.#update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.#follow()),
      vscode.window.onDidChangeTextEditorSelection(() => this.#markSoon()),
      this.#openOrClosed,
    );
    this.#follow();
  }

  /** The last article that had the focus; it stays while the panel itself has it. */
  get article(): vscode.Uri | undefined {
    return this.#article;
  }

  get isOpen(): boolean {
    return this.#panel !== undefined;
  }

  show(article: vscode.Uri): void {
    this.#article = article;
    if (this.#panel) {
      this.#panel.reveal(undefined, true);
    } else {
      this.#panel = this.#open();
      this.#openOrClosed.fire();
    }
    this.#update();
  }

  say(message: ToPage): void {
    void this.#panel?.webview.postMessage(message);
  }

  dispose(): void {
    clearTimeout(this.#soon);
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
      this.#openOrClosed.fire();
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
    this.#mark();
  }

  #markSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#mark(), CALM_MS);
  }

  /** Tell the page where the cursor is, once it has the post of this very text. */
  #mark(): void {
    const article = this.#article;
    const editor = article && editorOf(article);
    if (!this.#panel || !editor || this.shelf.get(article)?.version !== editor.document.version) {
      return;
    }
    const { active, start, end } = editor.selection;
    const message: ToPage = {
      kind: "here",
      name: basename(article.path),
      cursor: { line: active.line, character: active.character },
      from: start.line,
      to: end.line,
    };
    const told = JSON.stringify([article.toString(), editor.document.version, message]);
    if (told !== this.#told) {
      this.#told = told;
      this.say(message);
    }
  }

  async #heard(message: FromPage): Promise<void> {
    const article = this.#article;
    switch (message.kind) {
      case "ready":
        this.#told = "";
        this.#update();
        break;
      case "copy":
        await vscode.commands.executeCommand("postkit.copy", article, message.network);
        break;
      case "reveal":
        if (article) {
          await reveal(article, message.position);
        }
        break;
      case "restart":
        await vscode.commands.executeCommand("postkit.restart");
        break;
    }
  }
}

/** Where it is shown: where the focus is, if it is there more than once. */
function editorOf(article: vscode.Uri): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return [activeTextEditor, ...visibleTextEditors].find(
    (editor) => editor?.document.uri.toString() === article.toString(),
  );
}

async function reveal(article: vscode.Uri, { line, character }: Position): Promise<void> {
  const editor = await vscode.window.showTextDocument(article, {
    viewColumn: editorOf(article)?.viewColumn ?? vscode.ViewColumn.One,
  });
  const place = editor.document.validatePosition(new vscode.Position(line, character));
  editor.selection = new vscode.Selection(place, place);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
