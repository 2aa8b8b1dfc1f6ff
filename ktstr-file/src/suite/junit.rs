//! A suite as the XML that JUnit and Surefire write, which CI systems read: a `testcase` for each case, with
//! `failure`, `error` or `skipped`, and its report as `system-out`.

use super::{Case, Status, Suite, seconds};
use crate::report::text::render_text;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

pub(super) fn render(suite: &Suite) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail.
    let _ = document(&mut writer, suite);
    let mut out = String::from_utf8(writer.into_inner()).unwrap_or_default();
    out.push('\n');
    out
}

fn document(writer: &mut Writer<Vec<u8>>, suite: &Suite) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let count = |of: &[Status]| of.iter().map(|status| suite.count(*status)).sum::<usize>().to_string();
    let counts = [
        ("name", "ktstr".to_owned()),
        ("tests", suite.cases.len().to_string()),
        ("failures", count(&[Status::Fail])),
        ("errors", count(&[Status::Invalid, Status::Error, Status::Inconclusive])),
        ("skipped", count(&[Status::Skip])),
        ("time", seconds(suite.took())),
    ];
    let attributes = || counts.iter().map(|(key, value)| (*key, value.as_str()));
    let tests = |writer: &mut Writer<Vec<u8>>| {
        let suites = writer.create_element("testsuite").with_attributes(attributes());
        suites.write_inner_content(|writer| suite.cases.iter().try_for_each(|case| test(writer, case)))?;
        Ok(())
    };
    let top = attributes().filter(|(key, _)| *key != "skipped");
    writer.create_element("testsuites").with_attributes(top).write_inner_content(tests)?;
    Ok(())
}

fn test(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let name = xml(&format!("{} seed {}", case.name, case.seed));
    let (file, took) = (xml(&case.file), seconds(case.took));
    // No `file`: the schema of Jenkins' xUnit plugin has none on a test case.
    let attributes = [("name", &name), ("classname", &file), ("time", &took)];
    let attributes = attributes.map(|(key, value)| (key, value.as_str()));
    let element = writer.create_element("testcase").with_attributes(attributes);
    element.write_inner_content(|writer| {
        let kind = match case.status() {
            Status::Pass => None,
            Status::Skip => Some("skipped"),
            Status::Fail => Some("failure"),
            Status::Invalid | Status::Error | Status::Inconclusive => Some("error"),
        };
        if let Some(kind) = kind {
            let reasons = case.reasons();
            let message = xml(reasons.first().map_or("", String::as_str));
            let attributes = [("message", message.as_str()), ("type", case.status().name())];
            let text = xml(&reasons.join("\n"));
            let element = writer.create_element(kind).with_attributes(attributes);
            element.write_text_content(BytesText::new(&text))?;
        }
        if let Some(report) = case.report() {
            let text = xml(&render_text(report));
            writer.create_element("system-out").write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// A text without the characters that XML 1.0 has no way to write.
fn xml(text: &str) -> String {
    let allowed = |character: &char| match character {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => *other >= ' ',
    };
    text.chars().filter(allowed).collect()
}
