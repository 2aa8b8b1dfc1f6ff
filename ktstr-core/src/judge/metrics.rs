//! Finds the numbers in a program's output: each number in a JSON document is a metric, named by its dotted
//! path. It reads text in one pass, in time linear in its length whatever the text is, without memory of its
//! own; what a metric means is judged elsewhere.
//!
//! A document is an object or an array that is complete; before, after and between documents any text may
//! stand, also brackets (`[INFO]`). Where reading breaks off, it goes on right there, and what was read of
//! that document counts for nothing: half a document has no metrics. `NaN` and `Infinity` are let pass but
//! are no numbers, and neither is what is too large for an `f64`.

mod json;

use json::{Broken, Reader};

/// Deepest nesting of a document; one that is deeper is passed over whole.
pub const MAX_DEPTH: usize = 64;
/// Longest path of a metric in bytes; numbers with a longer one are passed over.
pub const MAX_PATH: usize = 512;

/// The number at `path`, as in `jobs.0.read.iops`: keys and array indexes from 0, with dots between. Where
/// several numbers have this path, in one document or in several, the last one counts: it is the program's
/// final word.
pub fn find(output: &str, path: &str) -> Option<f64> {
    let mut found = None;
    scan(output, |at, value| {
        if at == path {
            found = Some(value);
        }
    });
    found
}

/// Shows `visit` each number of each document with its path, in the order of the text.
pub fn scan(output: &str, mut visit: impl FnMut(&str, f64)) {
    let mut reader = Reader::new(output.as_bytes());
    while let Some(start) = reader.next_bracket() {
        let end = match reader.document(start, None) {
            Ok(()) => {
                let end = reader.at;
                let _ = reader.document(start, Some(&mut visit));
                end
            }
            Err(Broken::Here) => reader.at,
            Err(Broken::TooDeep) => reader.skip_balanced(),
        };
        reader.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::String;
    use std::vec::Vec;
    use std::{format, vec};

    fn all(output: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        scan(output, |path, value| lines.push(format!("{path}={value}")));
        lines.join(" ")
    }

    #[test]
    fn numbers_are_found_by_their_paths() {
        for (output, found) in [
            (r#"{"a":1}"#, "a=1"),
            (r#"{"a":{"b":{"c":-2.5e3}}}"#, "a.b.c=-2500"),
            (r#"{"jobs":[{"iops":5},{"iops":7}]}"#, "jobs.0.iops=5 jobs.1.iops=7"),
            ("[1,[2,3],{\"x\":4}]", "0=1 1.0=2 1.1=3 2.x=4"),
            (r#"{"a":"1","b":true,"c":false,"d":null,"e":6}"#, "e=6"),
            ("{ \"a\" :\r\n\t1 , \"b\" : [ ] , \"c\" : { } }", "a=1"),
            (r#"{"a":0,"b":-0,"c":0.125,"d":1E+2,"e":1e-2}"#, "a=0 b=-0 c=0.125 d=100 e=0.01"),
            (r#"{"a.b":1,"a":{"b":2}}"#, "a.b=1 a.b=2"),
            (r#"{"":1,"x":{"":2}}"#, "=1 x.=2"),
            ("{}", ""),
            ("[]", ""),
            ("", ""),
            ("no json, 5 numbers", ""),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn text_stands_before_between_and_after() {
        for (output, found) in [
            ("[INFO] starting\n{\"a\":1}\n[WARN] done", "a=1"),
            ("[2024-01-01T10:00:00] {\"a\":1}", "a=1"),
            ("[  12.5] kernel {\"a\":1}", "0=12.5 a=1"),
            ("progress [====>  ] 50% {\"a\":1} bye", "a=1"),
            ("{\"a\":1}\n{\"a\":2}\n", "a=1 a=2"),
            ("{not json} {\"a\":1}", "a=1"),
            ("{\"a\" {\"b\":1}", "b=1"),
            ("]}]}{\"a\":1}", "a=1"),
            ("{\"cut\":[{\"a\":1},{\"a\":", ""),
            ("{\"cut\":1 {\"a\":2}", "a=2"),
            ("\"{\"a\":1}\"", "a=1"),
            ("größer [ü] {\"größe\":1}", "größe=1"),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn what_is_no_json_counts_for_nothing() {
        for output in [
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":1e}",
            "{\"a\":-}",
            "{\"a\":0x10}",
            "{\"a\":1,}",
            "[1,]",
            "[,1]",
            "{a:1}",
            "{'a':1}",
            "{\"a\" 1}",
            "{\"a\":1]",
            "[1}",
            "{\"a\":tru}",
            "{\"a\n\":1}",
            "{\"\\x\":1}",
            "{\"\\u12g4\":1}",
            "{\"a\":1",
            "{\"a",
            "{",
            "[",
        ] {
            assert_eq!(all(output), "", "{output}");
        }
    }

    #[test]
    fn what_is_no_finite_number_is_passed_over() {
        let huge = format!("{{\"a\":{}}}", "9".repeat(400));
        for (output, found) in [
            (r#"{"a":NaN,"b":Infinity,"c":-Infinity,"d":1}"#, "d=1"),
            (r#"{"a":1e999,"b":-1e999,"c":1e-999}"#, "c=0"),
            (huge.as_str(), ""),
            (r#"{"a":123456789012345678901234567890}"#, "a=123456789012345680000000000000"),
        ] {
            assert_eq!(all(output), found, "{output}");
        }
    }

    #[test]
    fn escapes_in_keys_are_undone() {
        for (key, path) in [
            (r#"a\"b"#, "a\"b"),
            (r"a\\b\/c", "a\\b/c"),
            (r"\b\f\n\r\t", "\u{8}\u{c}\n\r\t"),
            (r"\u00e9", "é"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ude00", "\u{fffd}"),
        ] {
            let output = format!("{{\"{key}\":1}}");
            assert_eq!(find(&output, path), Some(1.0), "{key}");
        }
    }

    #[test]
    fn the_last_number_of_a_path_counts() {
        for (output, value) in [
            ("{\"a\":1}{\"a\":2}", Some(2.0)),
            ("{\"a\":1,\"a\":3}", Some(3.0)),
            ("{\"a\":1}{\"b\":2}", Some(1.0)),
            ("{\"a\":1}{\"a\":2", Some(1.0)),
            ("{\"a\":1}{\"a\":NaN}", Some(1.0)),
            ("{\"a\":{\"b\":1}}", None),
        ] {
            assert_eq!(find(output, "a"), value, "{output}");
        }
    }

    #[test]
    fn depth_and_path_have_bounds() {
        let nested = |depth: usize| format!("{}7{} {{\"after\":1}}", "[".repeat(depth), "]".repeat(depth));
        let path = vec!["0"; MAX_DEPTH].join(".");
        assert_eq!(find(&nested(MAX_DEPTH), &path), Some(7.0));
        assert_eq!(all(&nested(MAX_DEPTH + 1)), "after=1");
        assert_eq!(all(&nested(5000)), "after=1");
        let quoted = format!("{}\"]\\\"]\"{} {{\"after\":1}}", "[".repeat(70), "]".repeat(70));
        assert_eq!(all(&quoted), "after=1");
        let keyed = |length: usize| format!("{{\"{}\":[1],\"b\":2}}", "k".repeat(length));
        assert_eq!(find(&keyed(MAX_PATH - 2), &format!("{}.0", "k".repeat(MAX_PATH - 2))), Some(1.0));
        assert_eq!(all(&keyed(MAX_PATH - 1)), "b=2");
    }

    /// A quadratic reader would need minutes for one of these.
    #[test]
    fn hostile_text_takes_linear_time() {
        const SIZE: usize = 1 << 20;
        for unit in ["[", "{\"", "[\"[", "{\"a\":[", "[1,", "[x", "[\",[\",", "\\\"", "{\"a\":1}", "[[]"] {
            let output = unit.repeat(SIZE / unit.len());
            let mut count = 0;
            scan(&output, |_, _| count += 1);
            let expected = if unit == "{\"a\":1}" { SIZE / unit.len() } else { 0 };
            assert_eq!(count, expected, "{unit}");
        }
    }
}
