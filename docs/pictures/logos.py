"""Draw the logos of the demo's two companies, letters and all, without anybody's font.

.venv/bin/python docs/pictures/logos.py
"""

from pathlib import Path

from playwright.sync_api import sync_playwright

DEMO = Path(__file__).parents[2] / "core/billhook/cli/data/demo"

NIMBUS = """
<svg xmlns="http://www.w3.org/2000/svg" width="760" height="176" viewBox="4 8 380 88">
  <g fill="#1f5fd0">
    <circle cx="33" cy="58" r="21"/><circle cx="58" cy="42" r="27"/>
    <circle cx="80" cy="61" r="18"/><rect x="33" y="52" width="47" height="27"/>
  </g>
  <path d="M38 62a21 21 0 0 1 33-12" fill="none" stroke="#8fd3ff" stroke-width="6"
        stroke-linecap="round"/>
  <g transform="translate(122 28)" fill="none" stroke="#12294d" stroke-width="8.5"
     stroke-linecap="round" stroke-linejoin="round">
    <path d="M4 50V18M4 32a14 14 0 0 1 28 0v18"/>
    <path d="M50 50V18"/>
    <path d="M68 50V18M68 30a11 11 0 0 1 22 0v20M90 30a11 11 0 0 1 22 0v20"/>
    <path d="M130 50V0"/><circle cx="146" cy="34" r="16"/>
    <path d="M180 18v18a14 14 0 0 0 28 0V18M208 50V18"/>
    <path d="M245 22c-3-4-7-4-10-4c-6 0-10 3-10 8s4 7 10 8s11 3 11 8s-4 8-11 8c-5 0-9-1-12-5"/>
  </g>
  <circle cx="172" cy="31" r="5.6" fill="#1f5fd0"/>
</svg>
"""

ATELIER = """
<svg xmlns="http://www.w3.org/2000/svg" width="720" height="200" viewBox="8 8 360 104">
  <rect width="440" height="120" fill="#ffffff"/>
  <g transform="translate(12 14)">
    <rect width="92" height="92" fill="#b4432e"/>
    <g fill="none" stroke="#ffffff" stroke-width="5">
      <path d="M20 74L46 18l26 56"/>
      <path d="M4 62c12-9 20-9 29 0s18 9 27 0 18-9 28 0"/>
    </g>
  </g>
  <g transform="translate(130 26)" fill="none" stroke="#1d1a18" stroke-width="4.2">
    <path d="M0 30L12 5.6l12 24.4M4.6 20.6h14.8"/>
    <path d="M30 2h24M42 2v28"/>
    <path d="M84 2H66v26h18M66 15h15"/>
    <path d="M98 0v28h16"/>
    <path d="M128 0v30"/>
    <path d="M162 2h-18v26h18M144 15h15"/>
    <path d="M176 30V2h10a8 8 0 0 1 0 16h-10M186 18l10 12"/>
  </g>
  <g transform="translate(130 68)" fill="none" stroke="#b4432e" stroke-width="4.2">
    <path d="M0 30L12 5.6l12 24.4M4.6 20.6h14.8"/>
    <path d="M32 30L44 5.6l12 24.4M36.6 20.6h14.8"/>
    <path d="M68 30V2h10a8 8 0 0 1 0 16H68M78 18l10 12"/>
    <path d="M122 2h-18v26h18M104 15h15"/>
  </g>
</svg>
"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_content(f"<body style='margin:0'>{NIMBUS}{ATELIER}")
        nimbus, atelier = page.locator("svg").all()
        nimbus.screenshot(path=DEMO / "nimbus/logo.png", omit_background=True)
        atelier.screenshot(path=DEMO / "atelier/logo.jpg", type="jpeg", quality=95)
        browser.close()


if __name__ == "__main__":
    main()
