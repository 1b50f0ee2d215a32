//! Each item of the historical engine's checklist has tests, which are there: `tests/spec/
//! checklist.tsv` names scripts of `parity/` (`parity:`), functions of C tests (`c:`) and harnesses
//! (`harness:`), and tests in `src/` (`rust:`), or says why there is none (`no:`).
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Items of the list.
const ITEMS: usize = 106;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: PathBuf) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The third column of each row, by item.
fn table() -> BTreeMap<usize, String> {
    let text = read(root().join("tests/spec/checklist.tsv")).expect("the table");
    let mut table = BTreeMap::new();
    for row in text.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        assert_eq!(columns.len(), 3, "{row}");
        assert!(!columns[1].is_empty(), "{row}");
        let item = columns[0].parse().expect(row);
        assert!(table.insert(item, columns[2].to_owned()).is_none(), "twice: {row}");
    }
    table
}

/// Is there a function of this name in a C program, that is called as well?
fn is_in_c(folder: &str, place: &str) -> bool {
    let Some((file, function)) = place.split_once('/') else { return false };
    let path = root().join("c_tests").join(folder).join(file).with_extension("c");
    let Some(text) = read(path) else { return false };
    let calls = text.matches(&format!("{function}(")).count();
    text.contains(&format!("static void {function}(")) && calls > 1
}

fn is_in_rust(place: &str) -> bool {
    let Some((file, function)) = place.split_once(':') else { return false };
    let Some(text) = read(root().join("src").join(file)) else { return false };
    let Some(before) = text.find(&format!("fn {function}(")).map(|at| &text[..at]) else {
        return false;
    };
    before.trim_end().ends_with("#[test]")
}

/// Is this test there? A script must say that it is for the item.
fn exists(item: usize, test: &str) -> bool {
    match test.split_once(':') {
        Some(("parity", name)) => {
            scripts().iter().any(|(script, items)| script == name && items.contains(&item))
        }
        Some(("c", place)) => is_in_c("", place),
        Some(("harness", place)) => is_in_c("harness", place),
        Some(("rust", place)) => is_in_rust(place),
        _ => false,
    }
}

/// The scripts and the items that each names: `spec: ...; items 1, 2`.
fn scripts() -> Vec<(String, Vec<usize>)> {
    let folder = fs::read_dir(root().join("parity/scripts")).expect("the scripts");
    let scripts = folder.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = read(path).expect("a script");
        let spec = text.lines().find_map(|line| line.strip_prefix("spec:")).unwrap_or_default();
        let items = spec.split(';').filter_map(|part| {
            let part = part.trim();
            part.strip_prefix("items").or_else(|| part.strip_prefix("item"))
        });
        // What follows the numbers are quirks.
        let numbers =
            items.flat_map(|items| items.split(',').map_while(|number| number.trim().parse().ok()));
        (name, numbers.collect())
    });
    scripts.collect()
}

#[test]
fn every_item_has_tests_that_exist_or_a_reason() {
    let table = table();
    assert_eq!(table.keys().copied().collect::<Vec<_>>(), (1..=ITEMS).collect::<Vec<_>>());
    let mut missing = Vec::new();
    for (item, tests) in &table {
        if let Some(reason) = tests.strip_prefix("no: ") {
            assert!(reason.len() > 10, "item {item} without a reason");
            continue;
        }
        assert!(!tests.trim().is_empty(), "item {item} has neither tests nor a reason");
        missing.extend(
            tests
                .split_whitespace()
                .filter(|test| !exists(*item, test))
                .map(|test| format!("{item}: {test}")),
        );
    }
    assert!(missing.is_empty(), "tests that are not there: {missing:#?}");
}

#[test]
fn every_script_that_is_for_an_item_is_in_its_row() {
    let table = table();
    let mut missing = Vec::new();
    for (script, items) in scripts() {
        for item in items {
            let row = table.get(&item).map(String::as_str).unwrap_or_default();
            if !row.split_whitespace().any(|test| test == format!("parity:{script}")) {
                missing.push(format!("{item}: parity:{script}"));
            }
        }
    }
    assert!(missing.is_empty(), "scripts that no row names: {missing:#?}");
}
