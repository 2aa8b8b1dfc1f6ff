//! Errors of meaning beside errors of form: those are reported that stay true however the form is mended, and
//! no others.

mod random;

use bumpalo::Bump;
use ktstr_core::{Invalid, Rng, Scenario, Scratch, Site, Slot, Topology, slots_needed, validate};
use ktstr_file::{load, render_toml};
use std::collections::BTreeSet;

/// What is wrong with a scenario: codes and places.
fn findings<'a>(scenario: &Scenario<'a>) -> Vec<Invalid<'a>> {
    let machine =
        scenario.topology.filter(|shape| shape.is_valid()).map(|shape| Topology::from_uniform(&shape));
    let mut slots = vec![Slot::FREE; slots_needed(scenario)];
    let mut findings = vec![Invalid::FILLER; 1000];
    let mut scratch = Scratch::with_findings(&mut slots, &mut findings);
    let _ = validate(scenario, machine.as_ref(), &mut scratch);
    scratch.findings().to_vec()
}

/// What is reported of the meaning of `text`, and whether its form is flawed.
fn reported(text: &str) -> (BTreeSet<(&'static str, Site)>, bool) {
    let arena = Bump::new();
    let named = |invalid: &Invalid<'_>| (invalid.code(), invalid.site);
    match load(text, &arena) {
        Ok(loaded) => (findings(loaded.scenario).iter().map(named).collect(), false),
        Err(flawed) => {
            let all = flawed.rest().map(|rest| findings(rest.scenario)).unwrap_or_default();
            (all.iter().filter(|invalid| flawed.stands(invalid)).map(named).collect(), true)
        }
    }
}

/// In each file the first error is one of form.
#[test]
fn what_stands_is_told() {
    let a = "[[backdrop.cgroups]]\nname = \"a\"\n";
    for (lines, codes) in [
        (format!("{a}wrkers = 2\n[[steps]]\nops = [{{ op = \"stop_cgroup\", cgroup = \"b\" }}]\nhold = \"full\""), &["E0201"][..]),
        (format!("{a}wrkers = 2\n[[backdrop.cgroups]]\nname = \"b\"\ncpu_weight = 0"), &["E0501"]),
        // The name that is misspelt may be the one that is missing.
        ("[[backdrop.cgroups]]\nnam = \"b\"\n[[steps]]\nops = [{ op = \"stop_cgroup\", cgroup = \"b\" }]\nhold = \"full\"".to_owned(), &[]),
        ("[backdrp]\ncgroups = [{ name = \"b\" }]\n[[steps]]\nops = [{ op = \"stop_cgroup\", cgroup = \"b\" }]\nhold = \"full\"".to_owned(), &[]),
        // What is wrong with the part that is flawed may be the flaw.
        (format!("{a}cpu_weight = \"x\"\nworkers = 0"), &[]),
        // The duration that could not be read may be long enough.
        (format!("duration = 5\n{a}[[steps]]\nhold = \"100s\"\n[[steps]]\nhold = 1.5"), &["E0601"]),
        // A later flaw takes nothing back.
        (format!("duration = \"1s\"\n{a}[[steps]]\nhold = \"100s\"\n[[steps]]\nhold = \"fll\""), &["E0602"]),
        ("topology = { nodes = 1, llc = 4 }\n[[backdrop.cgroups]]\nname = \"a\"\ncpuset = { llc = 3 }".to_owned(), &[]),
    ] {
        let text = format!("name = \"x\"\n{lines}\n");
        let (reported, is_flawed) = reported(&text);
        assert!(is_flawed, "{text}");
        assert_eq!(reported.iter().map(|(code, _)| *code).collect::<Vec<_>>(), codes, "{text}");
    }
}

/// Makes one mistake of form in a file, or none: a key or a value that is not known any more.
fn spoil(text: &str, rng: &mut Rng) -> String {
    let is_key = |at: usize| {
        let before = text[..at].trim_end_matches(' ');
        before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    };
    let signs: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at).filter(|at| is_key(*at)).collect();
    let Some(at) = signs.get(rng.below(signs.len().max(1) as u64) as usize).copied() else {
        return text.to_owned();
    };
    let (before, after) = text.split_at(at);
    match rng.below(2) {
        0 => format!("{before}x{after}"),
        _ => {
            let end = after[3..].find([',', '\n', '}', ']']).map_or(after.len(), |end| end + 3);
            format!("{before} = 1979-05-27{}", &after[end..])
        }
    }
}

#[test]
fn what_is_told_beside_a_flaw_is_told_without_it() {
    let (mut flawed, mut stood) = (0, 0);
    for seed in 0..300 {
        let arena = Bump::new();
        let text = render_toml(&random::Maker::new(&arena, seed).scenario());
        let (whole, is_flawed) = reported(&text);
        if is_flawed {
            continue; // it has `workers` and `workers_pct`, which no file may have
        }
        let mut rng = Rng::new(seed);
        for _ in 0..20 {
            let spoiled = spoil(&text, &mut rng);
            let (beside, is_flawed) = reported(&spoiled);
            if is_flawed {
                flawed += 1;
                stood += beside.len();
                let false_ones: Vec<_> = beside.difference(&whole).collect();
                assert!(false_ones.is_empty(), "seed {seed}: {false_ones:?}\n{spoiled}\n\n{text}");
            }
        }
    }
    assert!(flawed > 2_000 && stood > flawed, "{flawed} flawed files, {stood} findings");
}
