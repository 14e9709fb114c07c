/** Strikes through in the article what is not in the post. Nothing of the text changes by it. */

import * as vscode from "vscode";

import { isArticle } from "./articles";
import type { Panel } from "./panel";
import type { Shelf } from "./posts";

const SETTING = "strikeThrough";

export class Strike implements vscode.Disposable {
  readonly #struck = vscode.window.createTextEditorDecorationType({
    textDecoration: "line-through",
    color: new vscode.ThemeColor("editorLineNumber.foreground"),
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  readonly #parts: vscode.Disposable;

  constructor(
    private readonly shelf: Shelf,
    private readonly panel: Panel,
  ) {
    this.#parts = vscode.Disposable.from(
      this.#struck,
      shelf.onDidChange(() => this.#update()),
      panel.onDidOpenOrClose(() => this.#update()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#update()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(`postkit.${SETTING}`)) {
          this.#update();
        }
      }),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #update(): void {
    const when = vscode.workspace.getConfiguration("postkit").get<string>(SETTING);
    const isOn = when === "always" || (when === "withPost" && this.panel.isOpen);
    for (const editor of vscode.window.visibleTextEditors.filter((one) => isArticle(one.document))) {
      const posts = isOn ? this.shelf.get(editor.document.uri) : undefined;
      if (posts && posts.version !== editor.document.version) {
        continue; // what is struck moves with the text until the server has seen it
      }
      const ranges = posts?.posts[0]?.left_out.flatMap((part) => part.ranges) ?? [];
      editor.setDecorations(
        this.#struck,
        ranges.map((range) => new vscode.Range(...range)),
      );
    }
  }
}
