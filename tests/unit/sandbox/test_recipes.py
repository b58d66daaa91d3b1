from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import images, registry
from sandbox.artifact import Artifact
from sandbox.images.recipe import Recipe


def nothing(_: Path) -> None: ...


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    (tmp_path / "context").mkdir()
    (tmp_path / "context/Dockerfile").write_text("ARG BASE\nFROM $BASE\n")
    (tmp_path / "base").mkdir()
    (tmp_path / "base/Dockerfile").write_text("FROM scratch\n")
    base = Recipe("base:1", tmp_path / "base")
    artifact = Artifact("jars", ("1.0",), nothing)
    return Recipe("image:1", tmp_path / "context", "server", base, {"JARS": "jars"}, (artifact,))


def test_the_same_inputs_have_the_same_key(recipe: Recipe) -> None:
    assert replace(recipe).key == recipe.key


def test_each_input_changes_the_key(recipe: Recipe) -> None:
    others = [
        replace(recipe, name="image:2"),
        replace(recipe, target=None),
        replace(recipe, base=None),
        replace(recipe, build_args={"JARS": "other"}),
        replace(recipe, artifacts=()),
        replace(recipe, artifacts=(Artifact("jars", ("1.1",), nothing),)),
        replace(recipe, folders={"stand_in": recipe.context}),
        replace(recipe, folders={"other": recipe.context}),
    ]
    assert len({recipe.key, *(other.key for other in others)}) == len(others) + 1


def test_a_change_of_the_base_changes_the_key(recipe: Recipe) -> None:
    before = recipe.key
    assert recipe.base
    (recipe.base.context / "Dockerfile").write_text("FROM scratch\nENV A=b\n")
    assert recipe.key != before


def test_a_change_of_the_dockerfile_changes_the_key(recipe: Recipe) -> None:
    before = recipe.key
    (recipe.context / "Dockerfile").write_text("ARG BASE\nFROM $BASE\nENV A=b\n")
    assert recipe.key != before


def test_a_change_in_a_further_folder_changes_the_key(recipe: Recipe, tmp_path: Path) -> None:
    folder = tmp_path / "stand_in"
    folder.mkdir()
    (folder / "api.py").write_text("A = 1\n")
    recipe = replace(recipe, folders={"stand_in": folder})
    before = recipe.key
    (folder / "api.py").write_text("A = 2\n")
    assert recipe.key != before


def test_an_artifacts_key_changes_with_the_content_of_its_input_files(tmp_path: Path) -> None:
    source = tmp_path / "launcher.cpp"
    source.write_text("int main() {}")
    artifact = Artifact("launcher", (source, "1.11.0"), nothing)
    before = artifact.key
    source.write_text("int main() { return 1; }")
    assert artifact.key != before


@pytest.mark.parametrize(
    ("image", "reference"),
    [
        ("zookeeper:3.9.4", "10.213.7.1:5000/library/zookeeper:3.9.4"),
        ("mesosphere/mesos-master:1.11.0", "10.213.7.1:5000/mesosphere/mesos-master:1.11.0"),
    ],
)
def test_official_images_are_in_library_as_on_docker_hub(image: str, reference: str) -> None:
    assert registry.reference(image) == reference


def test_the_catalogue_names_each_base_before_what_is_built_on_it() -> None:
    known = list(images.catalogue().values())
    assert all(recipe.base is None or known.index(recipe.base) < known.index(recipe) for recipe in known)


def test_every_recipe_has_its_dockerfile_and_stage() -> None:
    for recipe in images.catalogue().values():
        dockerfile = (recipe.context / "Dockerfile").read_text()
        assert recipe.target is None or f" AS {recipe.target}\n" in dockerfile, recipe.name


def test_the_release_candidate_that_tests_need_to_be_missing_is_missing() -> None:
    assert {"zookeeper:3.9.5-rc1", "zookeeper:3.9.5-rc2"} <= set(images.catalogue())
    with pytest.raises(ValueError, match=r"no recipe for zookeeper:3\.9\.5-rc3: the sandbox has .*zookeeper:3\.9\.4"):
        images.ensure(["zookeeper:3.9.5-rc3"])
