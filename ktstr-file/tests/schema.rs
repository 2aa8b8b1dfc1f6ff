//! The published schemas, the loader and the report say the same. `KTSTR_BLESS=1 cargo test -p ktstr-file
//! --test schema` writes the schemas anew after a change of the shapes.

mod checker;
mod sample;
mod works;

use bumpalo::Bump;
use checker::{Schema, properties};
use ktstr_core::{Backdrop, CgroupDef, Knob, Limits, Scenario, Setting, WorkType};
use ktstr_file::{load, render_toml, report_schema, scenario_schema};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every key: those that are written by hand, each control file with its example, and the arguments of all
/// work types.
fn everything() -> String {
    let arena = Bump::new();
    let works = render_toml(&works::scenario(&arena, &works::unusual()));
    let (_, steps) = works.split_once("[[steps]]").expect("a step");
    let named = |name| format!("{{ op = \"spawn_host\", work_type = {{ type = \"{name}\" }} }}");
    let named = WorkType::ALL_NAMES.map(named).join(", ");
    let by_hand = include_str!("data/everything.toml");
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("knobs").limits(Limits::EXAMPLE));
    let knobs = render_toml(&Scenario::new("knobs").backdrop(backdrop));
    let (_, knobs) = knobs.split_once("[[backdrop.cgroups]]").expect("a cgroup");
    format!(
        "{by_hand}\n[[backdrop.cgroups]]{knobs}\n[[steps]]\nhold = \"full\"\nops = [{named}]\n[[steps]]{steps}"
    )
}

fn assert_published(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, generated).expect("writing the schema");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == generated, "schema/{name} is not what the shapes say; see the head of this file");
}

#[test]
fn the_published_schemas_are_those_of_the_shapes() {
    assert_published("scenario.schema.json", &scenario_schema());
    assert_published("report.schema.json", &report_schema());
}

#[test]
fn shipped_scenarios_and_the_one_with_every_key_fit_the_schema() {
    let schema = Schema::of(&scenario_schema());
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let mut files: Vec<_> = std::fs::read_dir(scenarios)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a scenario")))
        .collect();
    files.push(("everything.toml".to_owned(), everything()));
    for (name, text) in files {
        let value: Value = toml::from_str(&text).expect("TOML");
        assert_eq!(schema.problems(&value), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_the_loader_refuses() {
    let schema = Schema::of(&scenario_schema());
    for text in [
        "duration = \"1s\"",
        "name = \"x\"\nduration = 1",
        "name = \"x\"\nduration = \"1\"",
        "name = \"x\"\ncolour = \"red\"",
        "name = \"x\"\ntopology = \"4\"",
        "name = \"x\"\nworkers_per_cgroup = -1",
        "name = \"x\"\nsteps = [{}]",
        "name = \"x\"\nsteps = [{ hold = \"ful\" }]",
        "name = \"x\"\nsteps = [{ hold = \"1s\", ops = [{ op = \"explode\" }] }]",
        "name = \"x\"\nsteps = [{ hold = \"1s\", ops = [{ op = \"add_cgroup\", name = \"x\" }] }]",
        "name = \"x\"\nbackdrop = { cgroups = [{ name = \"c\", cpuset = \"a\" }] }",
        "name = \"x\"\nbackdrop = { cgroups = [{ name = \"c\", memory_max = \"1Q\" }] }",
        "name = \"x\"\nbackdrop = { cgroups = [{ name = \"c\", cpu_max = \"half\" }] }",
        "name = \"x\"\nbackdrop = { cgroups = [{ name = \"c\", work_type = \"Spin\" }] }",
    ] {
        let value: Value = toml::from_str(text).expect("TOML");
        assert!(!schema.problems(&value).is_empty(), "the schema takes {text}");
        assert!(load(text, &Bump::new()).is_err(), "the loader takes {text}");
    }
}

#[test]
fn the_schema_takes_the_numbers_of_control_files_that_validation_takes() {
    let schema = Schema::of(&scenario_schema());
    for knob in Knob::ALL {
        for setting in knob.edges() {
            let Setting::Number(number) = setting else { continue };
            let [bound] = knob.info().bounds else { continue };
            let text = format!(
                "name = \"x\"\nbackdrop = {{ cgroups = [{{ name = \"a\", {} = {number} }}] }}",
                knob.key()
            );
            let Ok(value) = toml::from_str(&text) else { continue };
            let problems = schema.problems(&value);
            assert_eq!(problems.is_empty(), bound.broken_by(number).is_none(), "{text}: {problems:?}");
        }
    }
}

#[test]
fn the_file_with_every_key_has_every_key_of_the_schema() {
    let value: Value = toml::from_str(&everything()).expect("TOML");
    let mut used = BTreeSet::new();
    Schema::of(&scenario_schema()).visit(&value, &mut used);
    let unused: Vec<_> =
        properties(&scenario_schema()).into_iter().filter(|key| !used.contains(key)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

/// A date is of the wrong type everywhere: put in the place of any value, it has to be refused there.
#[test]
fn the_loader_reads_every_value_of_that_file() {
    let everything = everything();
    let root = DeTable::parse(&everything).expect("TOML");
    let mut spans = Vec::new();
    collect(root.get_ref(), &mut spans);
    assert!(spans.len() > 150, "{} values", spans.len());
    for span in spans {
        let text = format!("{}1979-05-27{}", &everything[..span.start], &everything[span.end..]);
        let line = 1 + everything[..span.start].matches('\n').count() as u32;
        let errors = load(&text, &Bump::new()).err().map(|flawed| flawed.errors).unwrap_or_default();
        assert!(errors.iter().any(|e| e.line == line), "{:?} in line {line} is not read", &everything[span]);
    }
}

fn collect(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    for (_, value) in table {
        collect_value(value, spans);
    }
}

fn collect_value(value: &Spanned<DeValue<'_>>, spans: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => collect(table, spans),
        DeValue::Array(items) if !items.is_empty() => {
            items.iter().for_each(|item| collect_value(item, spans));
        }
        _ => spans.push(value.span()),
    }
}

#[test]
fn a_full_report_and_the_report_schema_have_the_same_keys() {
    let report = sample::report();
    let value: Value = serde_json::from_str(&report.to_json()).expect("JSON");
    let schema = Schema::of(&report_schema());
    assert_eq!(schema.problems(&value), Vec::<String>::new());
    let mut used = BTreeSet::new();
    schema.visit(&value, &mut used);
    let unused: Vec<_> = properties(&report_schema()).into_iter().filter(|key| !used.contains(key)).collect();
    assert_eq!(unused, Vec::<String>::new());
}
