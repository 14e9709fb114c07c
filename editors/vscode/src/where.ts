/** Which postkit to start. Knows no VS Code, so that it can be tested alone. */

import { posix, win32 } from "node:path";

export interface Surroundings {
  /** The setting `postkit.path`. */
  configured: string;
  /** The folders of the workspace; none of them if the workspace is not trusted. */
  trusted: string[];
  home: string;
  /** `PATH` as the environment has it. */
  path: string;
  platform: NodeJS.Platform;
  isFile(path: string): boolean;
}

export type Found = { command: string } | { missing: string };

export function findServer(around: Surroundings): Found {
  const windows = around.platform === "win32";
  const { delimiter, isAbsolute, join } = windows ? win32 : posix;
  const name = windows ? "postkit.exe" : "postkit";

  if (around.configured) {
    const named = /^~[/\\]/.test(around.configured)
      ? join(around.home, around.configured.slice(2))
      : around.configured;
    const places = isAbsolute(named) ? [named] : around.trusted.map((folder) => join(folder, named));
    const command = places.find(around.isFile);
    return command
      ? { command }
      : { missing: `The setting postkit.path names ${around.configured}, and there is no such file.` };
  }

  // Looked up here, and not by the system: Windows would take one that lies in the folder itself.
  const places = [
    ...around.trusted.map((folder) => join(folder, ".venv", windows ? "Scripts" : "bin", name)),
    ...around.path
      .split(delimiter)
      .filter((folder) => isAbsolute(folder))
      .map((folder) => join(folder, name)),
  ];
  const command = places.find(around.isFile);
  return command ? { command } : { missing: "postkit is not installed, or not on the PATH." };
}
