/** What the panel and its page say to each other. */

import type { Posts } from "./model";
import type { Position } from "./places";
import type { Trouble } from "./trouble";

export type ToPage =
  | {
      kind: "show";
      /** Of the article. */
      name: string;
      posts: Posts | undefined;
      trouble: Trouble | undefined;
    }
  /** The cursor, and the lines of the selection. */
  | { kind: "here"; name: string; cursor: Position; from: number; to: number }
  | { kind: "copied" };

export type FromPage =
  | { kind: "ready" }
  | { kind: "copy"; network: string }
  | { kind: "reveal"; position: Position }
  | { kind: "restart" };
