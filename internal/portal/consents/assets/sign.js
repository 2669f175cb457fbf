// A signature by hand: strokes on a canvas, posted as lists of points. Without this
// script the field is not shown, and the typed name is the signature.
"use strict";
for (const field of document.querySelectorAll("[data-hand]")) {
  const canvas = field.querySelector("canvas"), input = field.querySelector("input[name=drawn]");
  const pen = canvas.getContext("2d");
  let strokes = [], stroke = null;
  try { strokes = JSON.parse(input.value || "[]"); } catch { strokes = []; }
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 3; pen.lineCap = "round"; pen.lineJoin = "round"; pen.strokeStyle = "#17302f";
    for (const line of strokes) {
      pen.beginPath();
      line.forEach(([x, y], i) => i ? pen.lineTo(x, y) : pen.moveTo(x, y));
      pen.stroke();
    }
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (n, most) => Math.min(most, Math.max(0, Math.round(n)));
    return [within((event.clientX - box.left) / box.width * 600, 600), within((event.clientY - box.top) / box.height * 200, 200)];
  };
  const keep = () => { input.value = strokes.length ? JSON.stringify(strokes) : ""; draw(); };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    stroke = [at(event)]; strokes.push(stroke); event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || strokes.flat().length > 5000) return;
    stroke.push(at(event)); draw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (stroke) { stroke = null; keep(); } });
  field.querySelector("[data-clear]").addEventListener("click", () => { strokes = []; keep(); });
  field.hidden = false;
  draw();
}
