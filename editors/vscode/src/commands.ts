/** The commands. They are there all the time; without a server they say why there is none. */

import * as vscode from "vscode";
import { LSPErrorCodes, ResponseError } from "vscode-languageclient/node";

import { activeArticle } from "./articles";
import type { Panel } from "./panel";
import type { Server } from "./server";
import type { Teller } from "./tell";

/** Commands that the server knows by the same names. */
export const SHARED = ["postkit.preview", "postkit.copy", "postkit.schedule"] as const;

const RESTORE = vscode.CodeActionKind.Source.append("fixAll").append("postkit");
const SEEN_MS = 4000;

interface Rendered {
  text: string;
}

interface Shown {
  url: string;
  opened: boolean;
}

export function registerCommands(
  server: Server,
  panel: Panel,
  teller: Teller,
): vscode.Disposable {
  /** The article that is meant: named by a code lens or a menu, else the active one, else the panel's. */
  const meant = (given: unknown): vscode.Uri | undefined => {
    if (given instanceof vscode.Uri) {
      return given;
    }
    const article =
      typeof given === "string" ? vscode.Uri.parse(given) : (activeArticle()?.uri ?? panel.article);
    if (!article) {
      void vscode.window.showInformationMessage("Open a Markdown file first: it becomes the post.");
    }
    return article;
  };

  /** Have the server execute it; where it cannot, tell why, unless it has done so by itself. */
  const ask = async <Result>(command: string, ...args: unknown[]): Promise<Result | undefined> => {
    try {
      const result = await server.execute<Result>(command, ...args);
      if (server.trouble) {
        await teller.tell(server.trouble);
      }
      return result;
    } catch (error) {
      const isTold = error instanceof ResponseError && error.code === LSPErrorCodes.RequestFailed;
      if (!isTold) {
        void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    }
  };

  const preview = async (given?: unknown): Promise<void> => {
    const article = meant(given);
    if (article) {
      panel.show(article);
      if (server.trouble) {
        await teller.tell(server.trouble);
      }
    }
  };

  // By the server's own `postkit.preview`, whose name ours has taken; it asks VS Code to open the page.
  const browse = async (given?: unknown): Promise<void> => {
    const article = meant(given);
    const shown = article && (await ask<Shown>("postkit.preview", article.toString()));
    if (shown && !shown.opened) {
      void vscode.window.showInformationMessage(`The preview is at ${shown.url}`);
    }
  };

  // Not the server's own `postkit.copy`: its clipboard may be that of another machine.
  const copy = async (given?: unknown, network: unknown = "linkedin"): Promise<void> => {
    const article = meant(given);
    const post = article && (await ask<Rendered>("postkit.render", article.toString(), network));
    if (post) {
      await vscode.env.clipboard.writeText(post.text);
      panel.say({ kind: "copied" });
      vscode.window.setStatusBarMessage("$(check) The post is on the clipboard", SEEN_MS);
    }
  };

  const schedule = async (given?: unknown): Promise<void> => {
    const article = meant(given);
    if (!article) {
      return;
    }
    if (server.trouble) {
      await teller.tell(server.trouble);
      return;
    }
    const when = await vscode.window.showInputBox({
      title: "Schedule the post",
      prompt: "When? Leave it empty for the next free slot of the account.",
      placeHolder: "tomorrow 9:00",
    });
    if (when === undefined) {
      return;
    }
    await ask("postkit.schedule", article.toString(), when.trim()); // which asks, and tells
  };

  const restore = async (): Promise<void> => {
    const article = meant(undefined);
    if (!article) {
      return;
    }
    if (server.trouble) {
      await teller.tell(server.trouble);
      return;
    }
    const document = await vscode.workspace.openTextDocument(article);
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      article,
      document.validateRange(whole),
      RESTORE.value,
      1, // to be resolved
    );
    const action = found.find(({ kind }) => kind && RESTORE.contains(kind));
    if (action?.edit && (await vscode.workspace.applyEdit(action.edit))) {
      vscode.window.setStatusBarMessage(`$(check) ${action.title}`, SEEN_MS);
    } else {
      void vscode.window.showInformationMessage("postkit found no damaged text here.");
    }
  };

  const restart = async (): Promise<void> => {
    teller.forget();
    await server.restart();
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand("postkit.preview", preview),
    vscode.commands.registerCommand("postkit.browse", browse),
    vscode.commands.registerCommand("postkit.copy", copy),
    vscode.commands.registerCommand("postkit.schedule", schedule),
    vscode.commands.registerCommand("postkit.restore", restore),
    vscode.commands.registerCommand("postkit.restart", restart),
  );
}
