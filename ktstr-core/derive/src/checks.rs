//! Reads `#[default_check(…)]`: which check, its metric and its bounds.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, ExprUnary, Ident, Lit, Token, UnOp, parenthesized};

/// One check, ready to be written out.
pub(crate) struct Check {
    /// An expression of type `PayloadCheck`.
    pub(crate) value: TokenStream,
    /// Whether it reads a metric.
    pub(crate) reads_metric: bool,
    /// Where it is.
    pub(crate) span: Span,
}

const FORMS: &str = "`exit_code(n)`, `min(\"path\", n)`, `max(\"path\", n)`, `range(\"path\", low, high)` or `exists(\"path\")`";

impl Parse for Check {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let kind: Ident = input
            .parse()
            .map_err(|error| Error::new(error.span(), format!("a check is expected: {FORMS}")))?;
        if !input.peek(syn::token::Paren) {
            return Err(Error::new(kind.span(), format!("`{kind}` lacks its arguments: write {FORMS}")));
        }
        let content;
        let paren = parenthesized!(content in input);
        let args = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
        let args: Vec<&Expr> = args.iter().collect();
        let span = kind.span().join(paren.span.join()).unwrap_or(kind.span());
        let word = crate::attributes::plain_word(&kind);
        let value = match (word.as_str(), args.as_slice()) {
            ("exitcode" | "exitcodeeq", [code]) => {
                let code = exit_code(code)?;
                quote!(::ktstr_core::PayloadCheck::exit_code(#code))
            }
            ("exists", [metric]) => {
                let metric = metric_path(metric)?;
                quote!(::ktstr_core::PayloadCheck::exists(#metric))
            }
            (word @ ("min" | "max"), [metric, limit]) => {
                let function = Ident::new(word, kind.span());
                let (metric, (limit, _)) = (metric_path(metric)?, bound(limit)?);
                quote!(::ktstr_core::PayloadCheck::#function(#metric, #limit))
            }
            ("range", [metric, low, high]) => range(metric, low, high, span)?,
            ("exitcode" | "exitcodeeq" | "exists" | "min" | "max" | "range", _) => {
                let found = args.len();
                let text = format!("`{kind}` does not take {found} argument(s): write {FORMS}");
                return Err(Error::new(span, text));
            }
            _ => {
                let text = format!("there is no check `{kind}`: write {FORMS}");
                return Err(Error::new(kind.span(), text));
            }
        };
        Ok(Self { value, reads_metric: !word.starts_with("exitcode"), span })
    }
}

fn range(metric: &Expr, low: &Expr, high: &Expr, span: Span) -> Result<TokenStream, Error> {
    let metric = metric_path(metric)?;
    let ((low, low_value), (high, high_value)) = (bound(low)?, bound(high)?);
    if let (Some(low), Some(high)) = (low_value, high_value)
        && low > high
    {
        return Err(Error::new(
            span,
            format!("no value is from {low} to {high}: write the lower bound first"),
        ));
    }
    Ok(quote!(::ktstr_core::PayloadCheck::range(#metric, #low, #high)))
}

fn metric_path(expr: &Expr) -> Result<&Expr, Error> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) if path.value().is_empty() => {
            Err(Error::new(path.span(), "a metric's path is empty: write it as in `jobs.0.read.iops`"))
        }
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => Ok(expr),
        Expr::Lit(_) | Expr::Unary(_) => Err(Error::new(
            expr.span(),
            "a metric is named by a string, its dotted path, as in \"jobs.0.read.iops\"",
        )),
        _ => Ok(expr),
    }
}

fn exit_code(expr: &Expr) -> Result<TokenStream, Error> {
    match literal(expr) {
        None => Ok(quote!(#expr)),
        Some((false, Lit::Int(code))) if code.base10_parse::<u8>().is_ok() => {
            let code = i32::from(code.base10_parse::<u8>()?);
            Ok(quote_spanned!(expr.span()=> #code))
        }
        Some(_) => Err(Error::new(expr.span(), "an exit code is a whole number from 0 to 255")),
    }
}

/// A bound as an expression of type `f64`, and its value where it is a literal.
fn bound(expr: &Expr) -> Result<(TokenStream, Option<f64>), Error> {
    let (negative, lit) = match literal(expr) {
        None => return Ok((quote!(#expr), None)),
        Some(found) => found,
    };
    let digits = match lit {
        Lit::Int(lit) => lit.base10_digits().to_owned(),
        Lit::Float(lit) => lit.base10_digits().to_owned(),
        _ => return Err(Error::new(expr.span(), "a bound is a number, as in 1.0")),
    };
    let size = match digits.parse::<f64>() {
        Ok(size) if size.is_finite() => size,
        _ => return Err(Error::new(expr.span(), "a bound has to be a finite number")),
    };
    let value =
        if negative { quote_spanned!(expr.span()=> -#size) } else { quote_spanned!(expr.span()=> #size) };
    Ok((value, Some(if negative { -size } else { size })))
}

/// A literal, and whether a minus sign is before it.
fn literal(expr: &Expr) -> Option<(bool, &Lit)> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => Some((false, lit)),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit, .. }) => Some((true, lit)),
            _ => None,
        },
        _ => None,
    }
}
