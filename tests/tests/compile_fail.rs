//! An invalid scenario does not compile, and the compiler says where it is wrong, what is wrong and what to
//! do: one program for each family of rules. `TRYBUILD=overwrite` writes the expected messages anew.

#[test]
fn an_invalid_scenario_is_a_compile_error() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("compile-fail/*.rs");
}

/// trybuild compares whole messages; this holds their texts to the table of rules, so that none goes stale.
#[test]
fn the_expected_messages_name_a_rule_of_each_family() {
    use ktstr_core::rules::RULES;
    use std::collections::BTreeSet;

    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/compile-fail");
    let mut covered = BTreeSet::new();
    for entry in std::fs::read_dir(directory).expect("the directory of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "stderr") {
            let text = std::fs::read_to_string(&path).expect("a message");
            let named = RULES.iter().filter(|rule| text.contains(&format!("[{}]", rule.code)));
            covered.extend(named.map(|rule| format!("{:?}", rule.family)));
        }
    }
    let families: BTreeSet<String> = RULES.iter().map(|rule| format!("{:?}", rule.family)).collect();
    assert_eq!(covered, families);
}
