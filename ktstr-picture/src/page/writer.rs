//! The only type that writes a page. What the program says itself is a `&'static str`; anything else goes
//! through [`Writer::text`], which escapes it, so that no name, log or kernel line can become markup.

use ktstr_core::terminal::escape;
use std::fmt::{Display, Write as _};

/// The longest text on one line, in characters.
const LINE: usize = 1500;
/// From so many bytes on no more text is written, only the markup that closes what is open.
const FULL: usize = 1_800_000;

/// A page that is being written.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
}

impl Writer {
    /// Markup of the program's own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Text of anybody's, on one line, cut to 1,500 characters. What acts on a terminal or turns the order of
    /// what is shown is spelled out.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        self.escaped(&text.to_string(), false)
    }

    /// Text of anybody's, with its lines.
    pub(super) fn lines(&mut self, text: &str) -> &mut Self {
        self.escaped(text, true)
    }

    fn escaped(&mut self, text: &str, keeps_lines: bool) -> &mut Self {
        let most = if keeps_lines { usize::MAX } else { LINE };
        for (number, character) in text.chars().enumerate() {
            if number >= most || self.out.len() >= FULL {
                self.out.push('…');
                break;
            }
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                '\n' | '\t' if keeps_lines => self.out.push(character),
                other => match escape(other) {
                    Some(spelled) => self.out.push_str(spelled.as_str()),
                    None => self.out.push(other),
                },
            }
        }
        self
    }

    /// A place on the axis and a length of it, as a style: parts of the whole in percent.
    pub(super) fn placed(&mut self, from: f64, length: f64) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.out, " style=\"left:{}%;width:{}%\"", short(from), short(length));
        self
    }

    /// An element with a text in it.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        text: impl Display,
        close: &'static str,
    ) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    /// A table: headings, then rows.
    pub(super) fn table<const N: usize>(&mut self, headings: [&'static str; N], rows: &[[String; N]]) {
        if rows.is_empty() {
            return;
        }
        self.raw("<div class=\"wide\"><table><thead><tr>");
        for heading in headings {
            self.element("<th scope=\"col\">", heading, "</th>");
        }
        self.raw("</tr></thead><tbody>");
        for row in rows {
            self.raw("<tr>");
            for cell in row {
                self.element("<td>", cell, "</td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody></table></div>\n");
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// A number with at most four digits behind the point.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup_or_turns_what_is_beside_it() {
        for (text, shown) in [
            ("</script><b x='1'>", "&lt;/script&gt;&lt;b x=&#39;1&#39;&gt;"),
            ("a\"b&amp;", "a&quot;b&amp;amp;"),
            ("\u{202e}cba\n\u{1b}[31m", "\\u{202e}cba\\n\\u{1b}[31m"),
        ] {
            let mut writer = Writer::default();
            writer.text(text);
            assert_eq!(writer.finish(), shown);
        }
        let mut writer = Writer::default();
        writer.lines("one\ntwo\r").placed(12.5, 0.000_01);
        assert_eq!(writer.finish(), "one\ntwo\\r style=\"left:12.5%;width:0%\"");
    }
}
