// Runs before the page is painted: light or dark, as the person chose, else as their system is.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const chosen = localStorage.getItem("billhook-theme");
    document.documentElement.dataset.bsTheme = chosen || (dark.matches ? "dark" : "light");
  };
  show();
  document.documentElement.classList.add("scripted");
  dark.addEventListener("change", show);
})();
