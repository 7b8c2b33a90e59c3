"""What test/bench/look makes of what it has measured."""

import sys
import xml.etree.ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'test/bench'), str(ROOT / 'test/e2e')]

from looking import plot, report, targets  # noqa: E402
from looking.measure import Measure, median, ratio  # noqa: E402
from looking.tap import Passage, exchanges  # noqa: E402


def passage(when, to_server, size, connection=1):
    one = Passage(to_server, size, connection)
    one.when = when
    return one


def measure_of(*seconds):
    samples = iter([None if one is None else {'seconds': one} for one in seconds])
    measure = Measure(lambda: next(samples))
    for _ in seconds:
        measure.take()
    return measure


def scenario(size, ratios=None, **seconds):
    names = 'look', 'bare locks', 'bare activity', 'self-join', 'recursive tree', 'pg_blocking_pids'
    results = {name: {'seconds': seconds.get(name, 1.0), 'lines': 60} for name in names}
    return {'name': 'row-storm', 'family': 'all want <one> row', 'unit': 'waiters', 'size': size, 'results': results,
            'ratios': {'bare': None, 'self-join': None, **(ratios or {})}}


def test_a_round_trip_begins_where_the_client_speaks_after_the_server():
    found = exchanges([passage(0.5, False, 1000), passage(1.0, True, 10), passage(1.25, True, 10), passage(2.0, False, 100),
                       passage(2.5, False, 30), passage(4.0, True, 10), passage(5.0, False, 7)])
    assert [(one.seconds, one.bytes) for one in found] == [(1.5, 130), (1.0, 7)]


def test_round_trips_are_of_the_connection_that_spoke_first():
    found = exchanges([passage(0, False, 5, 2), passage(1, True, 10), passage(2, True, 10, 2), passage(3, False, 40, 2),
                       passage(4, False, 100)])
    assert [(one.seconds, one.bytes) for one in found] == [(3, 100)]


def test_ratios_are_of_the_same_round():
    # the second round was slow for all
    assert ratio(measure_of(2, 40, 3), measure_of(1, 10, 1), measure_of(1, 10, 1)) == 1.5
    assert ratio(measure_of(2, 2), measure_of(None)) is None


def test_slow_things_are_measured_less_often():
    quick, slow, over = measure_of(0.1, 0.1, 0.1), measure_of(5, 5, 5), measure_of(None)
    assert [one.is_wanted() for one in (quick, slow, over)] == [True, False, False]


def test_median():
    assert median([1, 5, 2]) == 2
    assert median([[1, 10], [3, 20], [2, 60, 7]]) == [2, 20]


def test_targets():
    def verdict(run, number):
        row = targets.judge({'limit': 60, 'intrusion': [], 'totals': None, **run})[number]
        return row['measured'], row['met'], row['missed_by']
    assert verdict({'scenarios': []}, 0) == (None, None, None)
    assert verdict({'scenarios': [scenario(1500, {'bare': 1.0})]}, 0) == (1.0, True, None)
    assert verdict({'scenarios': [scenario(1500, {'bare': 2.4})]}, 0) == (2.4, False, 2.0)
    assert verdict({'scenarios': [scenario(1500, {'self-join': 0.01})]}, 1) == (100, False, 3)
    # the self-join was cut off: it is at least so much slower
    assert verdict({'scenarios': [scenario(1500, {'self-join': None}, look=0.1)]}, 1) == (600, True, None)
    totals = {'size': 500_000, 'seconds': 0.01}
    assert verdict({'scenarios': [], 'totals': totals}, 4) == (10, False, 2)
    assert verdict({'scenarios': [], 'totals': totals | {'size': 10_000}}, 4) == (None, None, None)
    watched = [{'workload': name, 'rate': 10, 'ratios': {'tps': tps, 'p99.9': 1}} for name, tps in (('a', 0.99), ('b', 0.5))]
    assert verdict({'scenarios': [], 'intrusion': watched}, -2) == (0.5, False, 1.94)


def words_of(svg):
    return [one.text for one in xml.etree.ElementTree.fromstring(svg).iter('{http://www.w3.org/2000/svg}text')]


def test_plot():
    over = scenario(100)
    over['results']['self-join'] = {'over': True}
    text = plot.svg({'limit': 60, 'scenarios': [scenario(10), over, scenario(1000)]})
    assert {'all want <one> row', 'waiters', '10', '100', '1,000', 'cut off after 60 s', "pgunlock's look"} <= set(words_of(text))


def test_plot_of_one_size():
    text = plot.svg({'limit': 60, 'scenarios': [scenario(10)]})
    assert words_of(text) == [label for label, *_ in plot.CURVES]


def test_figures_are_put_between_the_marks():
    document = f'before\n{report.BEGIN}\nold\n\n{report.END}\nafter\n'
    assert report.put_into(document, 'new \\1') == f'before\n{report.BEGIN}\nnew \\1\n{report.END}\nafter\n'
    with pytest.raises(ValueError):
        report.put_into('no place', 'new')
    report.put_into((ROOT / 'docs/performance.md').read_text(encoding='utf-8'), 'new')


@pytest.mark.parametrize('value, text', [(0.1234, '0.12'), (1.2345, '1.23'), (12.345, '12.3'), (1234.5, '1,234'), (13, '13'), (2000, '2,000')])
def test_numbers(value, text):
    assert report.number(value) == text
