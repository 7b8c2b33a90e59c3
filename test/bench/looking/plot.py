"""An SVG of time against size, both logarithmic: a panel for each scenario that was staged in several sizes."""

import math
from html import escape

WIDTH, HEIGHT = 330, 330
LEFT, TOP, RIGHT, BOTTOM = 60, 66, 28, 50

# label, the results that are added up, colour, width
CURVES = (
    ("recursive tree", ("recursive tree",), "#a65628", 1.6),
    ("self-join", ("self-join",), "#e08214", 1.6),
    ("pg_blocking_pids", ("pg_blocking_pids",), "#5e9c42", 1.6),
    ("bare locks + activity", ("bare locks", "bare activity"), "#888888", 1.6),
    ("pgunlock's look", ("look",), "#1f5fb4", 2.8),
)


class Axis:
    """Logarithmic, from low to high, onto start to end."""

    def __init__(self, low, high, start, end):
        self.low, self.high = math.log10(low), math.log10(high)
        self._start, self._end = start, end

    def __call__(self, value):
        return self._start + (math.log10(value) - self.low) / (self.high - self.low) * (self._end - self._start)

    def decades(self):
        return [10.0 ** power for power in range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)]


def _points(panel, names, limit):
    """(size, milliseconds, whether the limit was met) of one curve."""
    points = []
    for one in panel:
        results = [one["results"][name] for name in names]
        over = any(result.get("over") for result in results)
        points.append((one["size"], 1000 * (limit if over else sum(result["seconds"] for result in results)), over))
    return points


def _tick(milliseconds):
    return f"{milliseconds / 1000:,.0f} s" if milliseconds >= 1000 else f"{milliseconds:g} ms"


def _text(x, y, words, anchor="middle", size=12, **more):
    attributes = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{attributes}>{escape(words)}</text>'


def _grid(x, y, panel):
    parts = []
    bottom, right = y(10 ** y.low), x(10 ** x.high)
    for value in y.decades():
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{right:.1f}" stroke="#e4e4e4"/>')
        parts.append(_text(LEFT - 7, y(value) + 4, _tick(value), "end"))
    for one in panel:
        parts.append(f'<path d="M{x(one["size"]):.1f} {bottom:.1f}v5" stroke="#666"/>')
        parts.append(_text(x(one["size"]), bottom + 19, f'{one["size"]:,}'))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom:.1f}H{right:.1f}" fill="none" stroke="#666"/>')
    parts.append(_text((LEFT + right) / 2, bottom + 39, panel[0]["unit"], fill="#444"))
    return parts


def _curve(x, y, points, colour, width):
    path = "L".join(f"{x(size):.1f} {y(value):.1f}" for size, value, _ in points)
    parts = [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>']
    for size, value, over in points:
        if over:
            # at least this: an arrow upwards
            parts.append(f'<path d="M{x(size) - 5:.1f} {y(value) + 4:.1f}l5 -9l5 9z" fill="white" stroke="{colour}"'
                         ' stroke-width="1.6"/>')
        else:
            parts.append(f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="{1.6 + width / 2:.1f}" fill="{colour}"/>')
    return parts


def _panel(panel, low, high, limit):
    sizes = [one["size"] for one in panel]
    x = Axis(sizes[0] / 1.15, sizes[-1] * 1.15, LEFT, WIDTH - RIGHT)
    y = Axis(low, high, HEIGHT - BOTTOM, TOP)
    parts = [_text((LEFT + WIDTH - RIGHT) / 2, TOP - 14, panel[0]["family"], size=14, font_weight="bold")]
    parts += _grid(x, y, panel)
    for _, names, colour, width in CURVES:
        parts += _curve(x, y, _points(panel, names, limit), colour, width)
    return parts


def _legend(limit, has_over):
    parts, x = [], LEFT
    for label, _, colour, width in CURVES:
        parts.append(f'<path d="M{x:.1f} 22h22" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(_text(x + 28, 26, label, "start"))
        x += 50 + 6.6 * len(label)
    if has_over:
        parts.append(f'<path d="M{x + 6:.1f} 26l5 -9l5 9z" fill="white" stroke="#444" stroke-width="1.6"/>')
        parts.append(_text(x + 28, 26, f"cut off after {limit} s", "start"))
    return parts


def svg(run):
    """Of a run. Without a panel where no scenario was staged in several sizes."""
    families = {}
    for one in run["scenarios"]:
        families.setdefault(one["name"], []).append(one)
    panels = [panel for panel in families.values() if len(panel) > 1]
    points = [point for panel in panels for _, names, _, _ in CURVES for point in _points(panel, names, run["limit"])]
    times = [milliseconds for _, milliseconds, _ in points] or [1]
    low, high = min(times) / 1.5, max(times) * 1.6
    parts = _legend(run["limit"], any(over for _, _, over in points))
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * WIDTH} 0)">', *_panel(panel, low, high, run["limit"]), "</g>"]
    width = max(WIDTH * len(panels), 3 * WIDTH)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}"'
            ' font-family="DejaVu Sans, Helvetica, Arial, sans-serif" fill="#222">\n'
            f'<rect width="{width}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")
