/** What the panel and its page say to each other. */

import type { Posts } from "./model";
import type { Trouble } from "./trouble";

export type ToPage =
  | {
      kind: "show";
      /** Of the article. */
      name: string;
      posts: Posts | undefined;
      trouble: Trouble | undefined;
    }
  | { kind: "copied" };

export type FromPage =
  | { kind: "ready" }
  | { kind: "copy"; network: string }
  | { kind: "reveal"; line: number }
  | { kind: "restart" };
