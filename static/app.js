// Starts NHS.UK frontend. Everything works without it.
const { nhsuk } = document.querySelector("script[data-nhsuk]").dataset;
const { initAll } = await import(nhsuk);
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
initAll();
