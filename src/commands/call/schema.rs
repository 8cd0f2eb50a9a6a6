//! The JSON Schemas of a verb: of its arguments from its parser, of its answer from its report.

use clap::{Arg, Command};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::property::{self, Kind};

/// The schema of a report, as it is written.
pub(super) fn of_answer<T: JsonSchema>() -> Map<String, Value> {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(without_widths))
        .into_generator();
    let schema = generator.into_root_schema_for::<T>().to_value();
    let mut schema = match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    // One of several objects is an object, too.
    schema.insert("type".to_owned(), "object".into());
    schema
}

/// Takes away what only Rust knows: a client warns of each `"format": "uint64"`, and `minimum` says the same.
fn without_widths(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.contains("int")) {
        schema.remove("format");
    }
}

/// The schema of the arguments.
pub(super) fn of(command: &Command) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let name = property::name(arg);
        if arg.is_required_set() {
            required.push(Value::from(name.clone()));
        }
        properties.insert(name, property(arg));
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), Value::Array(required));
    }
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}

fn property(arg: &Arg) -> Value {
    let one = value(arg);
    let mut schema = if property::is_list(arg) {
        json!({"type": "array", "items": one})
    } else {
        one
    };
    let help = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string);
    if let (Some(object), Some(help)) = (schema.as_object_mut(), help) {
        object.insert("description".to_owned(), help.into());
    }
    schema
}

fn value(arg: &Arg) -> Value {
    match property::kind(arg) {
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Issue => json!({"type": ["integer", "string"]}),
        Kind::Number => json!({"type": "integer", "minimum": 0}),
        Kind::Span => json!({"type": ["string", "integer"]}),
        Kind::Patience => json!({"type": ["boolean", "string", "integer"]}),
        Kind::Object => json!({"type": ["object", "string"]}),
        Kind::Text => {
            let possible = arg.get_possible_values();
            let words = possible.iter().map(|word| word.get_name().to_owned());
            let words: Vec<String> = words.collect();
            if words.is_empty() {
                json!({"type": "string"})
            } else {
                json!({"type": "string", "enum": words})
            }
        }
    }
}
