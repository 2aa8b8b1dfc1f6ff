//! Every work type of the core's table can be said in a scenario file, in the schema and in Rust, with all
//! its arguments. `KTSTR_BLESS=1 cargo test -p ktstr-file --test work_types` writes the Rust code anew, and a
//! second run compiles it.

#[allow(dead_code)] // a part of it is for the tests of all keys
mod checker;
mod works;

use bumpalo::Bump;
use checker::Schema;
use ktstr_core::prelude::*;
use ktstr_core::{FieldInfo, FieldKind, FieldValue, Rng, WORK_TYPES};
use ktstr_file::{load, render_rust, render_toml, scenario_schema};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

#[rustfmt::skip]
#[allow(unreachable_pub)] // the code is written for a module that others use
mod compiled {
    include!("data/work_types.rs");
}

/// All of them as they usually are, then with every argument said.
fn all() -> Vec<WorkType> {
    WorkType::DEFAULTS.into_iter().chain(works::unusual()).collect()
}

fn fits(text: &str) -> bool {
    static SCHEMA: LazyLock<String> = LazyLock::new(scenario_schema);
    let value: Value = toml::from_str(text).expect("TOML");
    Schema::of(&SCHEMA).problems(&value).is_empty()
}

fn file(work_type: &str) -> String {
    format!(
        "name = \"x\"\nsteps = [{{ hold = \"full\", ops = [{{ op = \"spawn_host\", work_type = {work_type} }}] }}]\n"
    )
}

fn read(work_type: &str) -> Result<WorkType, String> {
    let arena = Bump::new();
    let loaded = load(&file(work_type), &arena).map_err(|flawed| flawed.to_string())?;
    match loaded.scenario.steps[0].ops[0] {
        Op::Spawn { work, .. } => Ok(work.work_type),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_work_type_survives_as_toml_and_fits_the_schema() {
    let arena = Bump::new();
    let scenario = works::scenario(&arena, &all());
    let text = render_toml(&scenario);
    let again = load(&text, &arena).unwrap_or_else(|flawed| panic!("{flawed}\n{text}"));
    assert_eq!(*again.scenario, scenario, "{text}");
    assert!(fits(&text), "{text}");
    // What a worker does that does not say is not written out.
    let written = WORK_TYPES.iter().filter(|info| info.usual != WorkType::default());
    for info in written {
        assert!(text.contains(&format!("\"{}\"", info.name)), "{} is not in\n{text}", info.name);
        for field in info.fields {
            let said = text
                .lines()
                .any(|line| line.contains(info.name) && line.contains(&format!("{} = ", field.key)));
            assert!(said, "{} of {} is not in\n{text}", field.key, info.name);
        }
    }
}

#[test]
fn every_work_type_is_the_same_in_rust() {
    let arena = Bump::new();
    let scenario = works::scenario(&arena, &all());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/work_types.rs");
    let code = render_rust(&scenario);
    if std::env::var_os("KTSTR_BLESS").is_some() {
        std::fs::write(&path, &code).expect("writing the code");
        return;
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == code, "see the head of this file");
    assert_eq!(compiled::SCENARIO, scenario);
}

#[test]
fn arguments_can_be_left_out_each_by_itself() {
    for (work, info) in works::unusual().iter().zip(&WORK_TYPES) {
        for (index, (field, value)) in work.arguments().enumerate() {
            let mut one = info.usual;
            assert!(one.set_argument(index, value));
            let arena = Bump::new();
            let text = render_toml(&works::scenario(&arena, &[one]));
            let shown = text.split(&format!("{} = ", field.key)).nth(1).expect("the argument");
            let shown = shown.split([',', '}']).next().expect("its value").trim();
            let only = format!("{{ type = \"{}\", {} = {shown} }}", info.name, field.key);
            assert_eq!(read(&only), Ok(one), "{only}");
        }
    }
}

#[test]
fn the_schema_knows_which_argument_goes_with_which_type_and_its_range() {
    // One of each key.
    let fields = WORK_TYPES.iter().flat_map(|info| info.fields);
    let fields: BTreeMap<&str, &FieldInfo> = fields.map(|field| (field.key, field)).collect();
    for info in &WORK_TYPES {
        let table = |rest: &str| format!("{{ type = \"{}\"{rest} }}", info.name);
        assert!(fits(&file(&table(""))), "{}", info.name);
        for other in fields.values() {
            let own = info.fields.iter().any(|field| field.key == other.key);
            let usual = match other.usual {
                Some(FieldValue::Count(count)) => count.to_string(),
                Some(FieldValue::Flag(flag)) => flag.to_string(),
                _ => "\"1ms\"".to_owned(),
            };
            let text = table(&format!(", {} = {usual}", other.key));
            if !own {
                assert!(!fits(&file(&text)), "the schema takes {text}");
                let error = read(&text).expect_err("an argument of another type");
                // What another tool calls so has a name here.
                let elsewhere = format!("`{}` is not known in this {}; did you mean", other.key, info.name);
                let foreign = format!("`{}` does not go with {}", other.key, info.name);
                assert!(error.contains(&foreign) || error.contains(&elsewhere), "{error}");
            }
        }
        for field in info.fields {
            let FieldKind::Count { least, .. } = field.kind else { continue };
            if let Some(low) = least.checked_sub(1) {
                let text = table(&format!(", {} = {low}", field.key));
                assert!(!fits(&file(&text)), "the schema takes {text}");
                assert!(!read(&text).expect("it can be read").is_valid(), "{text}");
            }
        }
    }
}

#[test]
fn a_misspelt_type_or_argument_is_guessed() {
    for info in &WORK_TYPES {
        let name = info.name;
        let error = read(&format!("{{ type = \"{}x\" }}", info.name)).expect_err("no work type");
        assert!(error.contains(&format!("did you mean \"{name}\"?")), "{error}");
        for field in info.fields.iter().filter(|field| field.key.len() > 2) {
            let error =
                read(&format!("{{ type = \"{name}\", {}x = 1 }}", field.key)).expect_err("no argument");
            assert!(error.contains(&format!("did you mean `{}`?", field.key)), "{error}");
            let error = read(&format!("{{ type = \"{name}\", {} = [] }}", field.key)).expect_err("a list");
            assert!(error.contains(&format!("`{}` is a list", field.key)), "{error}");
        }
    }
    let error = read("{ tpye = \"Bursty\", burst = \"1ms\" }").expect_err("no type");
    assert!(error.contains("did you mean `type` by `tpye`?"), "{error}");
    let error = read("{ burst = \"1ms\" }").expect_err("no type");
    assert!(error.contains("`type` is missing") && error.contains("\"SpinWait\""), "{error}");
}

#[test]
fn random_arguments_survive() {
    let mut rng = Rng::new(3);
    for _ in 0..50 {
        let works: Vec<_> =
            WorkType::DEFAULTS.into_iter().map(|work| work.drawn(|| rng.next_u64())).collect();
        let arena = Bump::new();
        let scenario = works::scenario(&arena, &works);
        let text = render_toml(&scenario);
        let again = load(&text, &arena).unwrap_or_else(|flawed| panic!("{flawed}\n{text}"));
        assert_eq!(*again.scenario, scenario, "{text}");
        assert!(fits(&text), "{text}");
    }
}
