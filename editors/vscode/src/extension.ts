/** Puts the parts together. */

import * as vscode from "vscode";

import { registerCommands, SHARED } from "./commands";
import { Panel } from "./panel";
import { Shelf } from "./posts";
import { Server } from "./server";
import { Status } from "./status";
import { Strike } from "./strike";
import { Teller } from "./tell";

let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const server = new Server(SHARED);
  const shelf = new Shelf();
  const panel = new Panel(context.extensionUri, shelf, server);
  running = server;

  const teller = new Teller(server.log);
  context.subscriptions.push(
    server,
    shelf,
    panel,
    new Status(shelf, server),
    new Strike(shelf, panel),
    registerCommands(server, panel, teller),
    server.onPosts((posts) => shelf.put(posts)),
    server.onDidChange(() => {
      if (server.trouble) {
        shelf.clear(); // nobody keeps it up to date any more
        teller.once(server.trouble);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("postkit.path")) {
        void vscode.commands.executeCommand("postkit.restart");
      }
    }),
    // A folder that is trusted now may have a postkit of its own.
    vscode.workspace.onDidGrantWorkspaceTrust(
      () => void vscode.commands.executeCommand("postkit.restart"),
    ),
  );
  void server.start();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
