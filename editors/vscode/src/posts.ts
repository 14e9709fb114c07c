/** The last that the server said about each open article. */

import * as vscode from "vscode";

import type { Posts } from "./model";

export class Shelf implements vscode.Disposable {
  readonly #kept = new Map<string, Posts>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #closing = vscode.workspace.onDidCloseTextDocument((document) => {
    this.#kept.delete(document.uri.toString());
  });
  readonly onDidChange = this.#changed.event;

  get(uri: vscode.Uri): Posts | undefined {
    return this.#kept.get(uri.toString());
  }

  put(posts: Posts): void {
    // Parsed, since a server may escape other characters than VS Code does.
    this.#kept.set(vscode.Uri.parse(posts.uri).toString(), posts);
    this.#changed.fire();
  }

  clear(): void {
    this.#kept.clear();
    this.#changed.fire();
  }

  dispose(): void {
    this.#closing.dispose();
    this.#changed.dispose();
  }
}
