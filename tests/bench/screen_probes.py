"""What is put into a page to see when its pictures change, in JavaScript."""

# Each canvas counts how often it was cleared, which is how a drawing begins: a picture is looked
# at only in frames after a drawing. A look comes one frame after the drawing, as eyes do.
PROBES = """
(() => {
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    this.canvas.nDrawn = (this.canvas.nDrawn ?? 0) + 1;
    return clearRect.apply(this, box);
  };
  const wordsOf = canvas => new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  const hashOf = canvas => {
    let hash = 7;
    for (const word of wordsOf(canvas)) hash = (Math.imul(hash, 31) + word) | 0;
    return hash;
  };
  /** Whether there is anything but the gray of axes and grid. */
  const hasCurve = canvas => {
    for (const word of wordsOf(canvas)) {
      const r = word & 255, g = (word >> 8) & 255, b = (word >> 16) & 255;
      if (word >>> 24 > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 60) return true;
    }
    return false;
  };
  /** Note each moment at which the picture has become another one. Units: ms since 1970. */
  const watchCanvas = canvas => {
    const changes = [];
    let seen = canvas.nDrawn, hash = hashOf(canvas), isOver = false;
    const look = () => {
      if (canvas.nDrawn !== seen && canvas.width > 0) {
        seen = canvas.nDrawn;
        const now = hashOf(canvas);
        if (now !== hash) changes.push(performance.timeOrigin + performance.now());
        hash = now;
      }
      if (!isOver) requestAnimationFrame(look);
    };
    look();
    return { changes, stop: () => (isOver = true) };
  };
  /** The same of lines that are drawn as SVG, which nobody can read: when their paths changed. */
  const watchPaths = root => {
    const changes = [];
    let isNoted = false;
    const observer = new MutationObserver(() => {
      if (isNoted) return;
      isNoted = true;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        isNoted = false;
        changes.push(performance.timeOrigin + performance.now());
      }));
    });
    observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ['d'] });
    return { changes, stop: () => observer.disconnect() };
  };
  const isInView = (node, run) => {
    const a = node.getBoundingClientRect(), b = run.getBoundingClientRect();
    const bottom = Math.min(b.bottom, innerHeight), top = Math.max(b.top, 0);
    return a.height > 0 && a.top < bottom - 1 && a.bottom > top + 1;
  };
  /** Wait until each chart that can be seen has its curve; say how many there are. */
  const allDrawn = (patience = 60000) => new Promise((done, failed) => {
    const begun = performance.now(), ready = new WeakMap();
    const look = () => {
      const run = document.querySelector('.nbt-run');
      const places = run ? [...run.querySelectorAll('.nbt-place')].filter(one => isInView(one, run)) : [];
      const isReady = place => {
        const canvas = place.querySelector('canvas');
        if (!canvas || !canvas.nDrawn || !canvas.width) return false;
        if (ready.get(canvas) === true) return true;
        if (ready.get(canvas) === canvas.nDrawn) return false;
        ready.set(canvas, hasCurve(canvas) || canvas.nDrawn);
        return ready.get(canvas) === true;
      };
      if (places.length > 0 && places.map(isReady).every(Boolean)) return done(places.length);
      if (performance.now() - begun > patience) return failed(new Error(`no curves: ${places.length} charts`));
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const outputs = () => window.jupyterapp.shell.currentWidget.content.widgets[0].model.outputs;
  /** Show a display below the first cell, and say how long it took until its curves stood. */
  const show = async data => {
    const begun = performance.now();
    outputs().add({ output_type: 'display_data', metadata: {}, data });
    const n = await allDrawn();
    return { ms: performance.now() - begun, n };
  };
  const frames = n => new Promise(done => {
    const step = () => (n-- > 0 ? requestAnimationFrame(step) : done());
    step();
  });
  const longTasks = [];
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) {
      longTasks.push({ at: performance.timeOrigin + startTime, ms: duration });
    }
  }).observe({ type: 'longtask' });
  window.probes = { watchCanvas, watchPaths, allDrawn, show, outputs, frames, longTasks, hashOf };
})();
"""

RUN_CELL = """async i => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.deselectAll();
  content.activeCellIndex = i;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
# A promise that is returned would be waited for.
BEGIN_CELL = f"i => {{ ({RUN_CELL})(i); }}"
