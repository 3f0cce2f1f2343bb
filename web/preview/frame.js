// Stands in for the server in a frame of the preview (C9): the widget is the real one
// and does not know. The frame's policy lets nothing out of it anyway.

(() => {
  "use strict";
  const { widget, open, dark, said } = JSON.parse(document.getElementById("preview").textContent);

  // What somebody likes who looks at the page, whatever the admin likes.
  const replace = CSSStyleSheet.prototype.replaceSync;
  CSSStyleSheet.prototype.replaceSync = function (css) {
    return replace.call(this, css.replace(/\(prefers-color-scheme:\s*dark\)/g, dark ? " all " : " not all "));
  };
  // A sandboxed page has no locks, and says so only when they are asked for.
  Object.defineProperty(Navigator.prototype, "locks", { value: undefined });

  // Whoever writes beside the frame stays there until he comes in.
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = function (how) {
    if (navigator.userActivation.hasBeenActive) focus.call(this, how);
  };

  const messages = [];
  let stream;
  const add = (message) => {
    const id = `preview-${messages.length + 1}`;
    const whole = { id, html: null, attachments: [], quick_replies: [], created_at: new Date().toISOString(), ...message };
    messages.push(whole);
    stream?.enqueue(new TextEncoder().encode(`event: message\nid: ${messages.length}\ndata: ${JSON.stringify(whole)}\n\n`));
    return whole;
  };
  const written = ({ text, payload, client_id }) => {
    const first = messages.length === 0;
    const { id } = add({ direction: "in", author: { kind: "contact", name: null }, text, client_id });
    const lines = first ? (said[payload ?? ""] ?? said[""] ?? []) : [];
    for (const line of lines) add({ direction: "out", author: { kind: "automation", name: null }, client_id: null, ...line });
    return { message_id: id, conversation_id: "preview" };
  };
  const events = (signal) =>
    new ReadableStream({
      start(controller) {
        stream = controller;
        const beat = setInterval(() => controller.enqueue(new TextEncoder().encode(": here\n\n")), 15000);
        signal?.addEventListener("abort", () => {
          clearInterval(beat);
          controller.error(new DOMException("", "AbortError"));
        });
      },
    });

  const bodyOf = (body) => (body instanceof FormData ? Object.fromEntries(body) : JSON.parse(body));
  window.fetch = async (address, { method = "GET", body, signal } = {}) => {
    const what = new URL(address, location).pathname.split("/").at(-1);
    if (what === "sessions") return Response.json({ visitor_token: "preview", widget });
    if (what === "events") return new Response(events(signal));
    if (what !== "messages") return new Response(null, { status: 204 });
    return Response.json(method === "POST" ? written(bodyOf(body)) : { items: messages, next_cursor: null });
  };

  if (open) document.addEventListener("switchboard:ready", ({ detail }) => detail.open());
})();
