/** Tells a person why the server does not run, with the buttons that help. */

import * as vscode from "vscode";

import { INSTALL, type Trouble } from "./trouble";

const COPY = "Copy command";
const SETTINGS = "Open settings";
const RESTART = "Restart";
const OUTPUT = "Show output";

export class Teller {
  readonly #told = new Set<string>();

  constructor(private readonly log: vscode.OutputChannel) {}

  /** Unasked, so one thing once; the status bar keeps saying it. */
  once(trouble: Trouble): void {
    if (!this.#told.has(trouble.message)) {
      this.#told.add(trouble.message);
      void this.tell(trouble);
    }
  }

  /** Somebody has tried to mend it: if it is still so, that is news. */
  forget(): void {
    this.#told.clear();
  }

  async tell(trouble: Trouble): Promise<void> {
    const buttons = trouble.install ? [COPY, SETTINGS] : [RESTART, OUTPUT];
    const text = `${trouble.message} ${trouble.hint}`;
    switch (await vscode.window.showErrorMessage(text, ...buttons)) {
      case COPY:
        await vscode.env.clipboard.writeText(INSTALL);
        break;
      case SETTINGS:
        await vscode.commands.executeCommand("workbench.action.openSettings", "postkit.path");
        break;
      case RESTART:
        await vscode.commands.executeCommand("postkit.restart");
        break;
      case OUTPUT:
        this.log.show();
        break;
    }
  }
}
