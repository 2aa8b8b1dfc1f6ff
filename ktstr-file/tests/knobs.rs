//! Every control file of the core's table in files: read, written, in Rust, and what a misspelt one meets.

use bumpalo::Bump;
use ktstr_core::{Backdrop, CgroupDef, Knob, Limits, Scenario, Setting};
use ktstr_file::{load, render_rust, render_toml};

fn with_scenario<R>(knob: Knob, setting: Setting, show: impl FnOnce(&Scenario<'_>) -> R) -> R {
    let limits = Limits::NONE.with(knob, setting).expect("a value of its kind");
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("a").limits(limits));
    show(&Scenario::new("one").backdrop(backdrop))
}

#[test]
fn each_value_survives() {
    for knob in Knob::ALL {
        for setting in knob.edges() {
            // What is beyond the type of its field cannot be said at all.
            if Limits::NONE.with(knob, setting).is_none() {
                continue;
            }
            with_scenario(knob, setting, |scenario| {
                let text = render_toml(scenario);
                assert!(text.contains(&format!("\n{} = ", knob.key())), "{text}");
                let arena = Bump::new();
                let again = load(&text, &arena).unwrap_or_else(|flawed| panic!("{flawed}{text}"));
                assert_eq!(again.scenario, scenario, "{text}");
            });
        }
    }
}

#[test]
fn each_is_one_call_in_rust() {
    for knob in Knob::ALL {
        let info = knob.info();
        for setting in knob.edges().filter(|&setting| Limits::NONE.with(knob, setting).is_some()) {
            let code = with_scenario(knob, setting, render_rust);
            let calls = code.matches("CgroupDef::named(\"a\").").count();
            assert_eq!(calls, 1, "{code}");
            let names = [Some(info.key), info.unlimited, info.key.strip_suffix("_max")];
            let of = names
                .into_iter()
                .flatten()
                .any(|name| code.contains(&format!("CgroupDef::named(\"a\").{name}")));
            assert!(of, "{} is set by another name in\n{code}", info.key);
        }
    }
}

fn cure(line: &str) -> String {
    let text = format!("name = \"x\"\n[[backdrop.cgroups]]\nname = \"a\"\n{line}\n");
    let arena = Bump::new();
    let flawed = load(&text, &arena).expect_err(line);
    flawed.errors[0].to_string()
}

#[test]
fn each_is_found_by_its_files_name() {
    for knob in Knob::ALL {
        for line in [format!("{} = 1", knob.file()), format!("\"{}\" = 1", knob.file())] {
            let error = cure(&line);
            let meant =
                format!("`{}` is not known in this cgroup; did you mean `{}`?", knob.file(), knob.key());
            assert!(error.ends_with(&meant), "{error}");
        }
    }
}

#[test]
fn a_slip_of_the_pen_is_guessed_and_another_word_is_not() {
    for knob in Knob::ALL {
        let key = knob.key();
        for slip in [key.replace('_', "-"), key.replace('_', ""), format!("{key}s"), key.to_uppercase()] {
            if Knob::from_key(&slip).is_none() {
                let error = cure(&format!("{slip} = 1"));
                assert!(error.ends_with(&format!("did you mean `{key}`?")), "{slip}: {error}");
            }
        }
    }
    for other in ["memory_all", "memory_peak", "cpu_min", "pids_min", "io_max", "memory_swap_min", "swap_max"]
    {
        let error = cure(&format!("{other} = 1"));
        assert!(!error.contains("did you mean"), "{other}: {error}");
    }
}
