// One page at a time.

// alone runs something on one page of the website at a time. A page that may not agree
// with others, such as a sandboxed one, is by itself, and so is one that waited too long:
// browsers freeze pages that nobody looks at, with what they hold.
const FROZEN = 15_000; // milliseconds
const alone = async (name, run, options = { signal: AbortSignal.timeout(FROZEN) }) => {
  let began = false;
  const once = () => {
    began = true;
    return run();
  };
  if (!navigator.locks) return once();
  try {
    return await navigator.locks.request(store.named(name), options, once);
  } catch (err) {
    if (began) throw err;
    return once();
  }
};
