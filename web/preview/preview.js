// The page of a preview (C9). Everything it shows stands behind the "#" of its
// address, which browsers keep to themselves: the sealed draft, what kind of channel
// it is of, and what it can be shown as.

const scene = document.getElementById("scene");
const screens = document.getElementById("screens");
const { draft, state, show, language, scheme } = scene.elements;
const note = document.getElementById("note");
const nothingHappens = note.textContent;

function read() {
  const about = new URLSearchParams(location.hash.slice(1));
  draft.value = about.get("draft") ?? "";
  document.title = document.getElementById("title").textContent = `Preview: ${about.get("name") ?? ""}`;
  const expired = !(new Date(about.get("until")) > new Date());
  note.textContent = expired ? "This preview is too old, or its address is not complete. Ask for a new one." : nothingHappens;
  const isChat = about.get("kind") === "chat";
  for (const control of [state, show, scheme]) control.parentElement.hidden = !isChat;
  language.parentElement.hidden = !about.has("language");
  const possible = about.getAll("state");
  for (const option of state.options) option.disabled = isChat && !possible.includes(option.value);
  if (state.selectedOptions[0]?.disabled) state.value = "open";
  const chosen = language.value;
  const inWords = new Intl.DisplayNames("en", { type: "language" });
  language.replaceChildren(new Option("of the settings", ""), ...about.getAll("language").map((tag) => new Option(inWords.of(tag), tag)));
  language.value = [...language.options].some((option) => option.value === chosen) ? chosen : "";
  if (!expired) draw();
}

// draw posts the scene into each frame: a draft may be longer than an address.
function draw() {
  for (const frame of frames) {
    asked.set(frame, asked.get(frame) + 1);
    post(frame.name);
  }
}

// A browser may forget what a frame was asked for while another page just arrived in it: a
// frame that was asked more than once is asked again.
const frames = screens.querySelectorAll("iframe");
const asked = new Map([...frames].map((frame) => [frame, 0]));
for (const frame of frames) {
  frame.onload = () => {
    const again = asked.get(frame) > 1;
    asked.set(frame, Number(again));
    if (again) post(frame.name);
  };
}

// post has a form of its own, since a form that is submitted again forgets where it was to
// go before.
function post(target) {
  const form = document.createElement("form");
  form.method = "post";
  form.target = target;
  form.action = "/previews/frames";
  form.hidden = true;
  for (const [name, value] of new FormData(scene)) {
    const field = document.createElement("input");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

// fit makes all three as large as the window allows, beside each other or, where they
// would be too small to read, below each other.
const BORDER = 12;
function fit() {
  const figures = [...screens.children];
  const style = getComputedStyle(screens);
  const room = screens.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const widths = figures.reduce((sum, figure) => sum + Number(figure.dataset.width), 0);
  const beside = (room - (figures.length - 1) * 24 - figures.length * BORDER) / widths;
  const stacked = beside < 0.25;
  screens.classList.toggle("stacked", stacked);
  for (const figure of figures) {
    const [width, height] = [Number(figure.dataset.width), Number(figure.dataset.height)];
    const scale = Math.min(1, stacked ? (room - BORDER) / width : beside);
    const [screen, frame] = [figure.querySelector(".screen"), figure.querySelector("iframe")];
    Object.assign(screen.style, { width: `${width * scale}px`, height: `${height * scale}px` });
    Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
  }
}

scene.onchange = draw;
scene.onsubmit = (event) => event.preventDefault();
addEventListener("hashchange", read);
new ResizeObserver(fit).observe(document.body);
fit();
read();
