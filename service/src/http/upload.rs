//! `POST /unscanned-upload/`: what storage.snapcraftcontent.com answers. Bytes in, an upload id out; no credential.
//!
//! An assertion about the bytes may come along, before or after them. It is kept as it is: a push looks at it.

use std::future::Future;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;

use super::body::{PATIENCE, too_slow};
use super::client_address::source;
use super::problem::{Code, Problem};
use super::state::State;
use crate::publishing::receive_upload::{self, Arrival, Bounds, Interrupted, MAX_ASSERTION};
use crate::publishing::upload_quota::Source;

/// The part with the file.
const BINARY: &str = "binary";
/// The part with what a publisher has signed about it.
const ASSERTION: &str = "assertion";

/// Receives the file straight to the disk, and keeps the assertion that came with it.
pub async fn receive(
    state: web::Data<State>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut multipart = Multipart::new(request.headers(), payload);
    let mut assertion = None;
    let binary = loop {
        let next = in_time(multipart.next()).await.map_err(|_| too_slow())?;
        let field = next.ok_or_else(no_binary)?.map_err(|error| explain(&error))?;
        match field.name() {
            Some(BINARY) => break field,
            Some(ASSERTION) if assertion.is_none() => {
                let text = text(field).await.map_err(receive_upload::ReceiveError::from)?;
                assertion = Some(text);
            }
            _ => return Err(no_binary()),
        }
    };
    let parts = Parts { multipart, binary: Some(binary), asserted: assertion.is_some() };
    let bounds = Bounds {
        max_size: state.settings.uploads.max_size,
        quota: &state.quota,
        source: Source::of(source(&request)),
    };
    let arrivals = stream::iter(assertion.map(|text| Ok(Arrival::Assertion(text)))).chain(parts.arrivals());
    let file = receive_upload::receive(&state.workspace, bounds, arrivals).await?;
    Ok(HttpResponse::Ok().json(json!({"successful": true, "upload_id": file.id})))
}

/// What is left of the body from the file on.
struct Parts {
    multipart: Multipart,
    /// The file, until its last byte has come.
    binary: Option<Field>,
    /// Whether the one assertion has come.
    asserted: bool,
}

impl Parts {
    /// Ends in the certainty that nothing is missing and nothing follows.
    fn arrivals(self) -> impl Stream<Item = Result<Arrival<Bytes>, Interrupted>> {
        stream::try_unfold(self, |mut parts| async move {
            Ok(parts.next().await?.map(|arrival| (arrival, parts)))
        })
    }

    async fn next(&mut self) -> Result<Option<Arrival<Bytes>>, Interrupted> {
        if let Some(binary) = &mut self.binary {
            match in_time(binary.next()).await? {
                Some(Ok(piece)) => return Ok(Some(Arrival::Bytes(piece))),
                Some(Err(_)) => return Err(Interrupted::Broken),
                None => self.binary = None,
            }
        }
        match in_time(self.multipart.next()).await? {
            None => Ok(None),
            Some(Ok(field)) if field.name() == Some(ASSERTION) && !self.asserted => {
                self.asserted = true;
                Ok(Some(Arrival::Assertion(text(field).await?)))
            }
            Some(Ok(_)) => Err(Interrupted::More),
            Some(Err(_)) => Err(Interrupted::Broken),
        }
    }
}

/// The whole of a part that is text. It must come in one patience, not in one for each of its pieces.
async fn text(mut field: Field) -> Result<String, Interrupted> {
    let mut bytes = Vec::new();
    let whole = async {
        while let Some(piece) = field.next().await {
            bytes.extend_from_slice(&piece.map_err(|_| Interrupted::Broken)?);
            if bytes.len() > MAX_ASSERTION {
                return Err(Interrupted::AssertionTooLong);
            }
        }
        Ok(())
    };
    in_time(whole).await??;
    let text = String::from_utf8(bytes).map_err(|_| Interrupted::AssertionNotText)?;
    // UTF-8 has it, but no assertion, and PostgreSQL does not keep it.
    if text.contains('\0') { Err(Interrupted::AssertionNotText) } else { Ok(text) }
}

async fn in_time<T>(next: impl Future<Output = T>) -> Result<T, Interrupted> {
    tokio::time::timeout(PATIENCE, next).await.map_err(|_| Interrupted::Silent)
}

fn explain(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => {
            let message = "Send the file as multipart/form-data, in one part named 'binary'.";
            Problem::new(Code::UnsupportedMediaType, message)
        }
        _ => {
            Problem::new(Code::BadRequest, "The multipart body could not be read; it may have been cut off.")
        }
    }
}

fn no_binary() -> Problem {
    let message = "The file was expected in a part of the body named 'binary'; before it, there may be one named \
                   'assertion' and no other.";
    Problem::new(Code::MissingField, message).with("field", BINARY)
}
