//! What each format makes of cases that are hard to write down.

use super::*;

fn case(name: &str, outcome: Outcome) -> Case {
    Case {
        file: "a,b.toml".to_owned(),
        name: name.to_owned(),
        seed: 7,
        tries: 1,
        took: Duration::from_millis(1500),
        outcome,
    }
}

fn lacking() -> Outcome {
    Outcome::NotRun { message: "[V001] no kernel: 100%\nfetch one".to_owned() }
}

fn invalid() -> Outcome {
    let problem = Problem {
        code: "E0201",
        line: 3,
        column: 9,
        what: "no cgroup `x`".to_owned(),
        cure: "define it".to_owned(),
        site: None,
        key: None,
    };
    Outcome::Invalid { message: "a,b.toml:3:9: [E0201] no cgroup `x`".to_owned(), problems: vec![problem] }
}

#[test]
fn a_hostile_name_is_text_in_every_format() {
    let suite = Suite { cases: vec![case("<b>|#\u{1b}[2J\n::error::x", lacking())] };
    for (format, shown) in [
        (Format::Text, "ERROR  <b>|#\\u{1b}[2J\\n::error::x"),
        (Format::Json, "\\u001b[2J\\n::error::x"),
        (Format::Junit, "name=\"&lt;b&gt;|#[2J"),
        (Format::Ktap, "ok 1 <b>|_\\u{1b}[2J ::error::x seed 7 # SKIP the environment"),
        (
            Format::Github,
            "title=error <b>|#\\u{1b}[2J%0A%3A%3Aerror%3A%3Ax::[V001] no kernel: 100%25%0Afetch one",
        ),
        (Format::Markdown, "| error | \\<b\\>\\|\\#\\\\u{1b}\\[2J ::error::x |"),
    ] {
        let text = format.render(&suite);
        assert!(text.contains(shown), "{}: {shown} is not in\n{text}", format.name());
        assert!(!text.contains('\u{1b}') && text.ends_with('\n'), "{text}");
    }
}

#[test]
fn a_file_that_is_not_valid_is_annotated_at_its_line() {
    let suite = Suite { cases: vec![case("x", invalid())] };
    let text = Format::Github.render(&suite);
    let first = "::error file=a%2Cb.toml,line=3,col=9,title=invalid x::[E0201] no cgroup `x`; define it\n";
    assert_eq!(text, format!("{first}::notice title=ktstr::1 scenario: 1 invalid\n"));
}

#[test]
fn each_status_is_counted_where_the_formats_of_others_want_it() {
    let suite = Suite { cases: vec![case("x", invalid()), case("y", lacking())] };
    assert_eq!(
        Format::Ktap.render(&suite).lines().last(),
        Some("ok 2 y seed 7 # SKIP the environment cannot run it")
    );
    assert!(Format::Ktap.render(&suite).contains("not ok 1 x seed 7\n"));
    let junit = Format::Junit.render(&suite);
    assert!(junit.contains(r#"tests="2" failures="0" errors="2" skipped="0" time="3.000""#), "{junit}");
    assert!(summary(&suite) == "2 scenarios: 1 error, 1 invalid\n", "{}", summary(&suite));
}

#[test]
fn an_empty_suite_is_one_too() {
    for format in Format::ALL {
        assert!(format.render(&Suite::default()).ends_with('\n'), "{}", format.name());
    }
}
