//! The JSON Schemas of scenario and report files, written from the same shapes that the loader reads by.

pub(crate) mod check_shapes;
pub(crate) mod field_kinds;
pub(crate) mod knobs;
pub(crate) mod op_shapes;
pub(crate) mod shape;
pub(crate) mod shapes;
pub(crate) mod work_shapes;

use crate::report::REPORT;
use crate::schema::op_shapes::OPS;
use crate::schema::shape::{FORMS, Kind, Range, Shape, Variants};
use crate::schema::shapes::SCENARIO;
use ktstr_core::NumberRange;
use serde_json::{Map, Value, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of scenario files.
pub fn scenario_schema() -> String {
    schema(&SCENARIO, "ktstr scenario")
}

/// The schema of report files.
pub fn report_schema() -> String {
    schema(&REPORT, "ktstr report")
}

fn schema(root: &Shape, title: &str) -> String {
    let mut definitions = Definitions::default();
    let mut whole = Map::new();
    whole.insert("$schema".to_owned(), json!(DRAFT));
    whole.insert("title".to_owned(), json!(title));
    whole.extend(definitions.table(root));
    whole.insert("$defs".to_owned(), Value::Object(definitions.known));
    let mut text = serde_json::to_string_pretty(&Value::Object(whole)).unwrap_or_default();
    text.push('\n');
    text
}

/// Cuts the whole numbers among what a value can be to those that are legal.
fn narrow(property: &mut Value, legal: Range) {
    let Value::Object(object) = property else { return };
    if object.get("type").is_some_and(|kind| kind == "integer") {
        object.insert("minimum".to_owned(), json!(legal.least));
        object.insert("maximum".to_owned(), json!(legal.most));
    }
    if let Some(Value::Array(variants)) = object.get_mut("anyOf") {
        variants.iter_mut().for_each(|variant| narrow(variant, legal));
    }
}

/// What is defined once and referred to by name.
#[derive(Default)]
struct Definitions {
    known: Map<String, Value>,
}

impl Definitions {
    fn table(&mut self, shape: &Shape) -> Map<String, Value> {
        let mut properties = Map::new();
        for key in shape.all() {
            let mut property = self.kind(&key.kind);
            if let Some(legal) = key.legal {
                narrow(&mut property, legal);
            }
            if let Value::Object(object) = &mut property {
                object.insert("description".to_owned(), json!(key.doc));
            }
            properties.insert(key.name.to_owned(), property);
        }
        let required: Vec<_> = shape.all().filter(|key| key.required).map(|key| key.name).collect();
        Map::from_iter([
            ("type".to_owned(), json!("object")),
            ("description".to_owned(), json!(shape.doc)),
            ("properties".to_owned(), Value::Object(properties)),
            ("required".to_owned(), json!(required)),
            ("additionalProperties".to_owned(), json!(false)),
        ])
    }

    /// A table by reference, defined at its first mention.
    fn reference(&mut self, shape: &Shape) -> Value {
        if !self.known.contains_key(shape.name) {
            self.known.insert(shape.name.to_owned(), Value::Null);
            let definition =
                if shape.name == "op" { self.operations() } else { Value::Object(self.table(shape)) };
            self.known.insert(shape.name.to_owned(), definition);
        }
        json!({ "$ref": format!("#/$defs/{}", shape.name) })
    }

    /// A table of one of several shapes by reference, defined at its first mention.
    fn variants(&mut self, variants: &Variants) -> Value {
        if !self.known.contains_key(variants.name) {
            let tables: Vec<_> = (variants.shapes)().iter().map(|shape| self.table(shape)).collect();
            let definition = json!({ "description": variants.doc, "oneOf": tables });
            self.known.insert(variants.name.to_owned(), definition);
        }
        json!({ "$ref": format!("#/$defs/{}", variants.name) })
    }

    fn operations(&mut self) -> Value {
        let variants: Vec<_> = OPS.iter().map(|op| self.table(&op.shape)).collect();
        json!({ "description": "An operation.", "oneOf": variants })
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Kind::Number => json!({ "type": "number" }),
            Kind::Within(NumberRange::FromZero) => json!({ "type": "number", "minimum": 0.0 }),
            Kind::Within(NumberRange::Share) => {
                json!({ "type": "number", "exclusiveMinimum": 0.0, "maximum": 1.0 })
            }
            Kind::Null => json!({ "type": "null" }),
            Kind::Form(name) => self.form(name),
            Kind::Word(words) => json!({ "enum": words }),
            Kind::Tag(word) => json!({ "const": word }),
            Kind::List(item) => json!({ "type": "array", "items": self.kind(item) }),
            Kind::Table(shape) => self.reference(shape),
            Kind::Variants(variants) => self.variants(variants),
            Kind::Either(kinds) => {
                let variants: Vec<_> = kinds.iter().map(|kind| self.kind(kind)).collect();
                json!({ "anyOf": variants })
            }
        }
    }

    fn form(&mut self, name: &str) -> Value {
        if let Some(form) = FORMS.iter().find(|form| form.name == name) {
            let definition = json!({ "type": "string", "pattern": form.pattern, "description": form.doc });
            self.known.insert(name.to_owned(), definition);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}
