/** Why the server does not run, in words. Knows no VS Code. */

export const INSTALL = 'pipx install "postkit-social[editor]"';

export interface Trouble {
  message: string;
  hint: string;
  /** Whether installing something helps. */
  install: boolean;
}

export function notFound(message: string): Trouble {
  return { message, hint: `To install it: ${INSTALL}`, install: true };
}

/** Of a server that ended before it answered. */
export function endedAtOnce(command: string, code: number | string, said: string): Trouble {
  const line = (label: string): string | undefined =>
    new RegExp(`^${label}: (.*)$`, "m").exec(said)?.[1]?.trim();
  const error = line("error") ?? line("Error");
  if (code === 4) {
    return {
      message: sentence(error ?? "postkit is installed without what editors need"),
      hint: sentence(line("hint") ?? `Install it: ${INSTALL}`),
      install: true,
    };
  }
  return {
    message: sentence(`${command} lsp ended at once (${code})${error ? `: ${error}` : ""}`),
    hint: `Is it postkit, and new enough? ${INSTALL}`,
    install: true,
  };
}

/** Of one that ran, and ended again and again. */
export function endsAgainAndAgain(times: number, code: number | string): Trouble {
  return {
    message: `The server of postkit ended ${times} times within a few minutes (${code}).`,
    hint: "Its output says why.",
    install: false,
  };
}

function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
