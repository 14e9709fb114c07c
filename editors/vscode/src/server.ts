/** Starts `postkit lsp`, keeps it running, and says why where it cannot. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { setTimeout as passed } from "node:timers/promises";

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type StaticFeature,
} from "vscode-languageclient/node";

import { SELECTOR } from "./articles";
import type { Posts } from "./model";
import { endedAtOnce, endsAgainAndAgain, notFound, type Trouble } from "./trouble";
import { type Found, findServer } from "./where";

const PATIENCE_MS = 180_000;
const STARTS_WITHIN_PATIENCE = 3;

/** The client's own pop-ups tell nobody what to do; ours do. It still writes to the output. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

interface Running {
  client: LanguageClient;
  child: ChildProcessWithoutNullStreams;
  ended: Promise<number | string>;
}

export class Server implements vscode.Disposable {
  readonly log = vscode.window.createOutputChannel("postkit", { log: true });
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #said = new vscode.EventEmitter<Posts>();
  /** The server came, went, or cannot come. */
  readonly onDidChange = this.#changed.event;
  readonly onPosts = this.#said.event;

  #running: Running | undefined;
  #trouble: Trouble | undefined;
  #starts: number[] = [];
  /** One start or stop after the other. */
  #turn: Promise<void> = Promise.resolve();

  /** @param ours commands that the extension registers itself, and the client must not */
  constructor(private readonly ours: readonly string[]) {}

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  restart(): Promise<void> {
    this.#starts = [];
    return this.#inTurn(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  /** Have the server execute a command; undefined if there is no server. */
  async execute<Result>(command: string, ...args: unknown[]): Promise<Result | undefined> {
    await this.#turn;
    return (await this.#running?.client.sendRequest(ExecuteCommandRequest.type, {
      command,
      arguments: args,
    })) as Result | undefined;
  }

  dispose(): void {
    this.#running?.child.kill();
    this.#changed.dispose();
    this.#said.dispose();
    this.log.dispose();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.log.error(String(error)));
    return this.#turn;
  }

  async #start(): Promise<void> {
    if (this.#running) {
      return;
    }
    this.#settle(undefined, undefined);
    const found = whereItIs();
    if ("missing" in found) {
      this.#settle(undefined, notFound(found.missing));
      return;
    }
    this.log.info(`starting ${found.command} lsp`);
    this.#starts.push(Date.now());
    const child = spawn(found.command, ["lsp"], { stdio: "pipe", windowsHide: true });
    try {
      await once(child, "spawn");
    } catch (error) {
      this.#settle(undefined, notFound(`${found.command} cannot be started: ${message(error)}.`));
      return;
    }
    let stderr = "";
    child.stderr.on("data", (more: Buffer) => {
      stderr = (stderr + more.toString()).slice(-4000);
    });
    const ended = new Promise<number | string>((resolve) => {
      child.once("close", (code, signal) => resolve(code ?? signal ?? "?"));
    });
    const client = this.#clientOf(child);
    try {
      await client.start();
    } catch (error) {
      // It mostly ended by itself, and how it ended says more than the client can.
      const code = await Promise.race([ended, passed(2000, message(error))]);
      child.kill();
      this.#settle(undefined, endedAtOnce(found.command, code, stderr));
      return;
    }
    const running = { client, child, ended };
    this.#settle(running, undefined);
    void ended.then((code) => this.#hasEnded(running, code));
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#settle(undefined, undefined);
    if (running) {
      try {
        await running.client.stop();
      } catch (error) {
        this.log.warn(message(error));
      }
      await Promise.race([running.ended, passed(2000)]);
      running.child.kill();
    }
  }

  #hasEnded(running: Running, code: number | string): void {
    if (this.#running !== running) {
      return; // as it was asked to
    }
    this.#starts = this.#starts.filter((start) => Date.now() - start < PATIENCE_MS);
    const again = this.#starts.length < STARTS_WITHIN_PATIENCE;
    this.#settle(undefined, again ? undefined : endsAgainAndAgain(this.#starts.length, code));
    if (again) {
      void this.start();
    }
  }

  #settle(running: Running | undefined, trouble: Trouble | undefined): void {
    this.#running = running;
    this.#trouble = trouble;
    if (trouble) {
      this.log.error(`${trouble.message} ${trouble.hint}`);
    }
    this.#changed.fire();
  }

  #clientOf(child: ChildProcessWithoutNullStreams): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      initializationOptions: { posts: true },
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({ action: CloseAction.DoNotRestart, handled: true }), // #hasEnded decides
      },
    };
    const client = new QuietClient("postkit", "postkit", () => Promise.resolve(child), options);
    client.registerFeature(withholding(this.ours));
    client.onNotification("postkit/posts", (posts: Posts) => this.#said.fire(posts));
    return client;
  }
}

/**
 * The client registers each command of the server as one of VS Code. Ours are there all the time, also
 * while no server runs, so it must not see them.
 */
function withholding(ours: readonly string[]): StaticFeature {
  return {
    fillClientCapabilities: () => {},
    preInitialize: (capabilities) => {
      const provider = capabilities.executeCommandProvider;
      if (provider) {
        const commands = provider.commands.filter((command) => !ours.includes(command));
        capabilities.executeCommandProvider = { ...provider, commands };
      }
    },
    initialize: () => {},
    getState: () => ({ kind: "static" }),
    clear: () => {},
  };
}

function whereItIs(): Found {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return findServer({
    configured: vscode.workspace.getConfiguration("postkit").get("path", "").trim(),
    trusted: vscode.workspace.isTrusted
      ? folders.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath)
      : [],
    home: homedir(),
    path: process.env["PATH"] ?? "",
    platform: process.platform,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  });
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
