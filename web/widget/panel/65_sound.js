// Sound: a short tone of our own, no file.

const soundOn = () => store.get('sound') !== false;
const setSound = (on) => {
  store.set('sound', on);
  drawTools();
  if (on) ring();
};

// ring reports whether it could: browsers forbid sound before the visitor has
// touched the page.
let audio = null;
const ring = () => {
  if (!soundOn() || !navigator.userActivation?.hasBeenActive) return false;
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.setValueAtTime(660, audio.currentTime);
    tone.frequency.setValueAtTime(880, audio.currentTime + 0.09);
    volume.gain.setValueAtTime(0.06, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.35);
    return true;
  } catch {
    return false; // a device without sound
  }
};

// ringFor rings for an answer on one page of this website, and on none when one
// of them shows it.
const ringFor = async (id) => {
  await new Promise((resolve) => setTimeout(resolve, 300)); // the page that shows it says so
  const once = () => {
    if (store.get('seen') !== id && store.get('rung') !== id && ring()) store.set('rung', id);
  };
  alone('ring', once);
};
