//! XML as JSON, so that one kind of program reads both.
//!
//! `<a x="1"><b>t</b><b/></a>` is `{"a": {"@x": "1", "b": ["t", ""]}}`: an element is an object of its
//! attributes (with `@`) and children, children of one name are an array, text beside attributes or
//! children is `#text`, and an element with nothing but text is that text. Prefixes of namespaces are
//! dropped. Whether a child is alone or one of many depends on the answer: programs say `list`.
//!
//! Document types are refused, and so is every entity but the five of XML itself: they are the way to
//! make a small answer big.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use serde_json::{Map, Value};

use crate::program::value::MAX_ANSWER_DEPTH;

/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 100;

/// An element that is still open.
#[derive(Default)]
struct Open {
    name: String,
    children: Map<String, Value>,
    text: String,
}

/// Reads a document.
pub(crate) fn to_json(document: &str) -> Result<Value, String> {
    let mut reader = Reader::from_str(document);
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<(String, Value)> = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if open.len() >= MAX_ANSWER_DEPTH {
                    return Err(format!(
                        "is nested more than {MAX_ANSWER_DEPTH} levels deep"
                    ));
                }
                open.push(opened(&start)?);
            }
            Event::Empty(start) => close(opened(&start)?, &mut open, &mut root)?,
            Event::End(_) => {
                let element = open.pop().ok_or("closes an element that was not opened")?;
                close(element, &mut open, &mut root)?;
            }
            Event::Text(text) => add_text(&mut open, &text)?,
            Event::CData(text) => add_text(&mut open, &text)?,
            Event::GeneralRef(name) => {
                let character = match name.resolve_char_ref().map_err(|it| it.to_string())? {
                    Some(character) => character,
                    None => entity(&name)?,
                };
                add_text(&mut open, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err("has a document type, which is refused".into()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err("ends in the middle of an element".into());
    }
    let (name, value) = root.ok_or("has no element")?;
    Ok(Value::Object(Map::from_iter([(name, value)])))
}

fn opened(start: &BytesStart<'_>) -> Result<Open, String> {
    let mut element = Open {
        name: start.local_name().as_ref().to_owned(),
        ..Open::default()
    };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if element.children.len() >= MAX_ATTRIBUTES {
            return Err(format!(
                "has an element with more than {MAX_ATTRIBUTES} attributes"
            ));
        }
        let name = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") {
            continue;
        }
        let local_name = attribute.key.local_name();
        let value =
            quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?;
        let value = Value::String(value.into_owned());
        element
            .children
            .insert(format!("@{}", local_name.as_ref()), value);
    }
    Ok(element)
}

fn close(
    element: Open,
    open: &mut [Open],
    root: &mut Option<(String, Value)>,
) -> Result<(), String> {
    let Open {
        name,
        mut children,
        text,
    } = element;
    let text = text.trim();
    let value = if children.is_empty() {
        Value::String(text.to_owned())
    } else {
        if !text.is_empty() {
            children.insert("#text".to_owned(), Value::String(text.to_owned()));
        }
        Value::Object(children)
    };
    let Some(parent) = open.last_mut() else {
        if root.replace((name, value)).is_some() {
            return Err("has two elements at the top".into());
        }
        return Ok(());
    };
    match parent.children.get_mut(&name) {
        Some(Value::Array(siblings)) => siblings.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            parent.children.insert(name, value);
        }
    }
    Ok(())
}

fn add_text(open: &mut [Open], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("has text outside its element".into()),
    }
    Ok(())
}

fn entity(name: &str) -> Result<char, String> {
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(format!("has the entity `{name}`, which is refused")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_attributes_and_text_have_one_form() {
        for (document, expected) in [
            ("<a/>", json!({"a": ""})),
            ("<?xml version=\"1.0\"?><a> t </a>", json!({"a": "t"})),
            (
                "<a x='1' y='&lt;&#65;'><b>t</b><b/></a>",
                json!({"a": {"@x": "1", "@y": "<A", "b": ["t", ""]}}),
            ),
            ("<a x='1'>t</a>", json!({"a": {"@x": "1", "#text": "t"}})),
            (
                "<s:a xmlns:s='urn:x'><s:b>1</s:b></s:a>",
                json!({"a": {"b": "1"}}),
            ),
            (
                "<a>R&amp;D &#233;<![CDATA[<raw>]]></a>",
                json!({"a": "R&D é<raw>"}),
            ),
            (
                "<a><b>1</b><b>2</b><b>3</b><c/></a>",
                json!({"a": {"b": ["1", "2", "3"], "c": ""}}),
            ),
        ] {
            assert_eq!(to_json(document), Ok(expected), "{document}");
        }
    }

    #[test]
    fn what_is_dangerous_or_broken_is_refused() {
        let bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
        let outside = "<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l>&x;</l>";
        let deep = "<a>".repeat(100_000);
        for (document, reason) in [
            (bomb, "document type"),
            (outside, "document type"),
            ("<l>&x;</l>", "entity `x`"),
            ("<l y='&x;'/>", "x"),
            (deep.as_str(), "nested more than 64"),
            ("<a><b></a>", ""),
            ("<a>", "middle of an element"),
            ("</a>", ""),
            ("<a/><b/>", "two elements"),
            ("text", "outside its element"),
            ("", "no element"),
            ("<a x='1' x='2'/>", ""),
        ] {
            let error = to_json(document).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
