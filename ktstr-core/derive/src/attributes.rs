//! Reads the attributes of the derive into one description; what it means in code is `expand`.

use crate::checks::Check;
use crate::duration;
use crate::problems::Problems;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::HashSet;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Token};

/// What the attributes say.
#[derive(Default)]
pub(crate) struct Described {
    /// The program.
    pub(crate) binary: Option<LitStr>,
    /// What ops call it.
    pub(crate) name: Option<LitStr>,
    /// Whether the output is JSON.
    pub(crate) json: bool,
    /// The longest wait, in nanoseconds.
    pub(crate) timeout: Option<u64>,
    /// Arguments.
    pub(crate) args: Vec<Expr>,
    /// Checks.
    pub(crate) checks: Vec<Check>,
    /// Metrics.
    pub(crate) metrics: Vec<Metric>,
    /// Files.
    pub(crate) files: Vec<Expr>,
}

/// One `#[metric(…)]`.
pub(crate) struct Metric {
    pub(crate) name: LitStr,
    pub(crate) polarity: TokenStream,
    pub(crate) unit: Option<LitStr>,
}

/// An identifier without underscores, in lower case: `exit_code` and `ExitCode` are one word.
pub(crate) fn plain_word(ident: &Ident) -> String {
    ident.to_string().replace('_', "").to_lowercase()
}

/// Reads all attributes that are the derive's; each error is noted. `structure` is where the struct's name
/// stands.
pub(crate) fn read(attributes: &[Attribute], structure: Span, problems: &mut Problems) -> Described {
    let mut described = Described::default();
    let mut seen = false;
    let mut readable = true;
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("payload") {
            if std::mem::replace(&mut seen, true) {
                problems.push(Error::new(
                    attribute.path().span(),
                    "`#[payload(…)]` is given twice: put all of it into one",
                ));
            }
            readable &= problems.take(payload(attribute, &mut described)).is_some();
        } else if path.is_ident("default_args") {
            described.args.extend(texts(attribute, "an argument", problems));
        } else if path.is_ident("include_files") {
            described.files.extend(texts(attribute, "a path", problems));
        } else if path.is_ident("default_check") {
            described.checks.extend(problems.take(list::<Check>(attribute)).into_iter().flatten());
        } else if path.is_ident("metric") {
            described.metrics.extend(problems.take(metric(attribute)));
        }
    }
    if readable && described.binary.is_none() {
        let span = attributes
            .iter()
            .find(|found| found.path().is_ident("payload"))
            .map_or(structure, |found| found.path().span());
        problems.push(Error::new(span, "which program? Say it by `#[payload(binary = \"…\")]`"));
    }
    agree(&described, problems);
    described
}

/// What has to hold between attributes.
fn agree(described: &Described, problems: &mut Problems) {
    const NEEDS_JSON: &str = "a metric is read from the output: write `output = json` in `#[payload(…)]`";
    if !described.json {
        let checks = described.checks.iter().filter(|check| check.reads_metric).map(|check| check.span);
        let metrics = described.metrics.iter().map(|metric| metric.name.span());
        checks.chain(metrics).for_each(|span| problems.push(Error::new(span, NEEDS_JSON)));
    }
    let mut names = HashSet::new();
    for metric in &described.metrics {
        if !names.insert(metric.name.value()) {
            problems.push(Error::new(metric.name.span(), "this metric is described twice: remove one"));
        }
    }
    let exits: Vec<Span> =
        described.checks.iter().filter(|check| !check.reads_metric).map(|check| check.span).collect();
    for &span in exits.iter().skip(1) {
        problems.push(Error::new(span, "a program has one exit code: remove all but one `exit_code`"));
    }
}

fn payload(attribute: &Attribute, described: &mut Described) -> Result<(), Error> {
    let mut keys = Keys::default();
    nested(attribute, |meta| {
        keys.once(&meta)?;
        if meta.path.is_ident("binary") {
            described.binary = Some(text(&meta)?);
        } else if meta.path.is_ident("name") {
            described.name = Some(text(&meta)?);
        } else if meta.path.is_ident("output") {
            let output = word(&meta, "`exit_code` or `json`")?;
            described.json = match plain_word(&output).as_str() {
                "json" => true,
                "exitcode" => false,
                _ => return Err(Error::new(output.span(), "the output is `exit_code` or `json`")),
            };
        } else if meta.path.is_ident("timeout") {
            let written = text(&meta)?;
            let nanoseconds = duration::nanoseconds(&written.value()).ok_or_else(|| {
                Error::new(
                    written.span(),
                    "a timeout is a number above 0 and a unit, as in \"30s\" or \"1.5s\"",
                )
            })?;
            described.timeout = Some(nanoseconds);
        } else {
            return Err(meta.error("`payload` takes `binary`, `name`, `output` and `timeout`"));
        }
        Ok(())
    })
}

fn metric(attribute: &Attribute) -> Result<Metric, Error> {
    let mut keys = Keys::default();
    let (mut name, mut unit, mut polarity) = (None, None, quote!(Unknown));
    nested(attribute, |meta| {
        keys.once(&meta)?;
        if meta.path.is_ident("name") {
            name = Some(text(&meta)?);
        } else if meta.path.is_ident("unit") {
            unit = Some(text(&meta)?);
        } else if meta.path.is_ident("polarity") {
            const FORMS: &str = "`higher_is_better`, `lower_is_better` or `unknown`";
            let found = word(&meta, FORMS)?;
            polarity = match plain_word(&found).as_str() {
                "higherisbetter" | "higherbetter" => quote!(HigherIsBetter),
                "lowerisbetter" | "lowerbetter" => quote!(LowerIsBetter),
                "unknown" => quote!(Unknown),
                _ => return Err(Error::new(found.span(), format!("the polarity is {FORMS}"))),
            };
        } else {
            return Err(meta.error("`metric` takes `name`, `polarity` and `unit`"));
        }
        Ok(())
    })?;
    let name = name.ok_or_else(|| {
        Error::new(attribute.path().span(), "a metric needs `name = \"…\"`, its dotted path")
    })?;
    Ok(Metric { name, polarity, unit })
}

/// Sees to it that a key is given once.
#[derive(Default)]
struct Keys {
    seen: HashSet<String>,
}

impl Keys {
    fn once(&mut self, meta: &ParseNestedMeta<'_>) -> Result<(), Error> {
        let key = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
        if self.seen.insert(key) { Ok(()) } else { Err(meta.error("this is given twice: remove one")) }
    }
}

fn nested(
    attribute: &Attribute,
    read: impl FnMut(ParseNestedMeta<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    with_parentheses(attribute)?;
    attribute.parse_nested_meta(read)
}

fn list<T: Parse>(attribute: &Attribute) -> Result<Vec<T>, Error> {
    with_parentheses(attribute)?;
    Ok(attribute.parse_args_with(Punctuated::<T, Token![,]>::parse_terminated)?.into_iter().collect())
}

fn with_parentheses(attribute: &Attribute) -> Result<(), Error> {
    match &attribute.meta {
        syn::Meta::List(list) if matches!(list.delimiter, syn::MacroDelimiter::Paren(_)) => Ok(()),
        _ => Err(Error::new(
            attribute.path().span(),
            "what it says is in parentheses, as in `#[payload(binary = \"…\")]`",
        )),
    }
}

/// Strings, each a literal or a constant.
fn texts(attribute: &Attribute, what: &str, problems: &mut Problems) -> Vec<Expr> {
    let found: Vec<Expr> = problems.take(list(attribute)).unwrap_or_default();
    for expr in &found {
        match expr {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                problems.take(without_nul(text));
            }
            Expr::Lit(_) | Expr::Unary(_) => {
                problems.push(Error::new(expr.span(), format!("{what} is a string: put it into quotes")));
            }
            _ => {}
        }
    }
    found
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr, Error> {
    let value = meta.value()?;
    let text: LitStr = value
        .parse()
        .map_err(|error| Error::new(error.span(), "a string literal is expected: put it into quotes"))?;
    if text.value().is_empty() {
        return Err(Error::new(text.span(), "this is empty: say something or leave it out"));
    }
    without_nul(&text)?;
    Ok(text)
}

fn word(meta: &ParseNestedMeta<'_>, forms: &str) -> Result<Ident, Error> {
    meta.value()?
        .parse()
        .map_err(|error| Error::new(error.span(), format!("a word is expected, without quotes: {forms}")))
}

fn without_nul(text: &LitStr) -> Result<(), Error> {
    if text.value().contains('\0') {
        return Err(Error::new(text.span(), "a NUL byte cannot be handed to a program: remove it"));
    }
    Ok(())
}
