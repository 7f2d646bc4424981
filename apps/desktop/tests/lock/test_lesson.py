import numpy as np

from inkpin.desktop.lock.lesson import scenes
from inkpin.preprocess import bitmap

SEVEN = [np.array([[60, 60], [150, 60], [90, 200]]), np.array([[70, 130], [140, 130]])]


def test_a_lesson_goes_from_strokes_to_the_bits_that_the_network_gets(scripted):
    prediction = scripted("7").predict(None)
    lesson = scenes(SEVEN, prediction)
    chapters = [scene.chapter for scene in lesson]
    assert chapters == sorted(chapters)
    assert set(chapters) == {1, 2, 3, 4, 5, 6}
    assert all(scene.milliseconds > 0 for scene in lesson)
    assert np.array_equal(lesson[-1].cells, bitmap(SEVEN))
    assert "reads 7" in lesson[-1].caption
    assert "97\N{NO-BREAK SPACE}%" in lesson[-1].caption


def test_the_strokes_grow_to_the_drawing():
    drawing = [scene for scene in scenes(SEVEN) if scene.chapter == 1]
    points = [sum(map(len, scene.strokes)) for scene in drawing]
    assert points == sorted(points)
    assert points[-1] == 5


def test_the_box_holds_the_ink():
    (scene,) = (scene for scene in scenes(SEVEN) if scene.chapter == 2)
    left, top, right, bottom = scene.box
    ink = np.concatenate(scene.strokes)
    assert left < ink[:, 0].min() < ink[:, 0].max() < right
    assert top < ink[:, 1].min() < ink[:, 1].max() < bottom
    assert "91 x 141" in scene.caption


def test_the_strokes_lie_in_the_cells_that_they_set():
    (scene,) = (scene for scene in scenes(SEVEN) if scene.chapter == 4)
    for x, y in np.floor(np.concatenate(scene.strokes) * 28).astype(int):
        assert scene.cells[y, x]


def test_the_centre_moves_near_the_middle():
    before, after = (scene for scene in scenes(SEVEN) if scene.chapter == 5)
    assert before.cells.sum() == after.cells.sum()
    assert max(abs(value - 0.5) for value in after.centre) <= 1.1 / 28


def test_too_little_ink_and_none():
    dot = scenes([np.array([[5, 5], [9, 9]])])
    assert any("too little to read" in scene.caption for scene in dot)
    (nothing,) = scenes([])
    assert "Nothing" in nothing.caption


def test_a_refused_reading_is_told(scripted):
    prediction = scripted([None]).predict(None)
    assert "nothing it is sure of" in scenes(SEVEN, prediction)[-1].caption
