/** The page of the panel, before anything of an article is in it. */

export interface Parts {
  source: string;
  nonce: string;
  script: string;
  style: string;
}

export function page({ source, nonce, script, style }: Parts): string {
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${style}">
  <title>Post</title>
</head>
<body>
  <p id="waiting">Waiting for postkit …</p>
  <section id="trouble" role="alert" hidden>
    <p id="message"></p>
    <p id="hint"></p>
    <button id="mend" type="button"></button>
  </section>
  <main id="shown" hidden>
    <header id="bar">
      <div id="measure">
        <span id="count"></span>
        <span id="remark"></span>
        <div id="meter" role="meter" aria-label="Length of the post" aria-valuemin="0"><div id="fill"></div></div>
      </div>
      <select id="network" aria-label="Network" hidden></select>
      <button id="copy" type="button">Copy</button>
    </header>
    <article class="card" aria-label="The post">
      <div class="author" aria-hidden="true">
        <span class="face"></span>
        <span><strong>You</strong><br><span id="title"></span></span>
      </div>
      <div id="post" tabindex="0" role="document" aria-label="Text of the post"></div>
      <ul id="media" aria-label="Images"></ul>
    </article>
    <section id="comment" hidden>
      <h2>First comment</h2>
      <div id="comment-text" class="card"></div>
    </section>
    <section id="left-out" hidden>
      <h2>Left out <span id="how-many"></span></h2>
      <ul id="parts"></ul>
    </section>
  </main>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
