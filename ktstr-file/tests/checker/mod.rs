//! As much of JSON Schema as the published schemas use.

use regex_lite::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(crate) struct Schema {
    root: Value,
}

impl Schema {
    pub(crate) fn of(text: &str) -> Self {
        Self { root: serde_json::from_str(text).expect("a schema is JSON") }
    }

    /// What is wrong with a value.
    pub(crate) fn problems(&self, value: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        self.check(&self.root, value, "$", &mut problems, None);
        problems
    }

    /// Notes every property that a value uses, with its description.
    pub(crate) fn visit(&self, value: &Value, used: &mut BTreeSet<String>) {
        self.check(&self.root, value, "$", &mut Vec::new(), Some(used));
    }

    fn resolve<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            Some(name) => self.root["$defs"].get(name).unwrap_or_else(|| panic!("no definition {name}")),
            None => schema,
        }
    }

    fn check(
        &self,
        schema: &Value,
        value: &Value,
        at: &str,
        problems: &mut Vec<String>,
        mut used: Option<&mut BTreeSet<String>>,
    ) {
        let schema = self.resolve(schema);
        for (keyword, only_one) in [("anyOf", false), ("oneOf", true)] {
            let Some(variants) = schema[keyword].as_array() else { continue };
            let fitting: Vec<_> = variants
                .iter()
                .filter(|variant| {
                    let mut found = Vec::new();
                    self.check(variant, value, at, &mut found, None);
                    found.is_empty()
                })
                .collect();
            match fitting[..] {
                [] => problems.push(format!("{at}: fits no variant: {value}")),
                [_, _, ..] if only_one => problems.push(format!("{at}: fits several variants: {value}")),
                [first, ..] => self.check(first, value, at, problems, used.as_deref_mut()),
            }
        }
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                problems.push(format!("{at}: {what}: {value}"));
            }
        };
        if let Some(kind) = schema["type"].as_str() {
            expect(has_type(value, kind), kind);
        }
        if let Some(words) = schema["enum"].as_array() {
            expect(words.contains(value), "not among the words");
        }
        if let Some(word) = schema.get("const") {
            expect(word == value, "not the constant");
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
            expect(Regex::new(pattern).expect("a pattern").is_match(text), "does not match");
        }
        if let (Some(number), Some(min), Some(max)) =
            (whole(value), whole(&schema["minimum"]), whole(&schema["maximum"]))
        {
            expect((min..=max).contains(&number), "out of range");
        }
        if let (Some(items), Some(item)) = (value.as_array(), schema.get("items")) {
            for (index, value) in items.iter().enumerate() {
                self.check(item, value, &format!("{at}[{index}]"), problems, used.as_deref_mut());
            }
        }
        if let (Some(object), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
            self.check_object(schema, known, object, at, problems, used);
        }
    }

    fn check_object(
        &self,
        schema: &Value,
        known: &Map<String, Value>,
        object: &Map<String, Value>,
        at: &str,
        problems: &mut Vec<String>,
        mut used: Option<&mut BTreeSet<String>>,
    ) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                problems.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in object {
            match known.get(name) {
                Some(property) => {
                    if let Some(used) = used.as_deref_mut() {
                        used.insert(property_name(name, property));
                    }
                    self.check(property, value, &format!("{at}.{name}"), problems, used.as_deref_mut());
                }
                None => problems.push(format!("{at}: {name} is not known")),
            }
        }
    }
}

fn has_type(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("type {other}"),
    }
}

/// A property with its description, which distinguishes it from others of the same name; tables share some.
fn property_name(name: &str, property: &Value) -> String {
    format!("{name}: {}", property["description"].as_str().unwrap_or_default())
}

/// A whole number, exactly.
fn whole(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// All properties of all tables of a schema.
pub(crate) fn properties(schema: &str) -> BTreeSet<String> {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                if let (Some(known), true) =
                    (object.get("properties").and_then(Value::as_object), object.contains_key("required"))
                {
                    found.extend(known.iter().map(|(name, property)| property_name(name, property)));
                }
                object.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    walk(&serde_json::from_str(schema).expect("JSON"), &mut found);
    found
}
