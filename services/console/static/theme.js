// Light or dark: what the system says, until somebody chooses; the choice is kept.

const KEPT = 'theme';

export function setUpTheme(redraw) {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = localStorage.getItem(KEPT);
  if (kept === 'dark' || kept === 'light') root.dataset.theme = kept;
  document.getElementById('theme').addEventListener('click', () => {
    const now = root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    localStorage.setItem(KEPT, root.dataset.theme);
    redraw();
  });
  dark.addEventListener('change', redraw);
  redraw();
}
