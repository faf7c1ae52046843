//! `POST /unscanned-upload/`: what storage.snapcraftcontent.com answers. Bytes in, an upload id out; no credential.

use std::future::Future;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;

use super::body::{PATIENCE, too_slow};
use super::problem::{Code, Problem};
use super::state::State;
use crate::domain::receive_upload::{self, Interrupted};

/// Receives the one part, `binary`, straight to the disk.
pub async fn receive(
    state: web::Data<State>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut multipart = Multipart::new(request.headers(), payload);
    let first = in_time(multipart.next()).await.map_err(|_| too_slow())?;
    let field = first.ok_or_else(no_binary)?.map_err(|error| explain(&error))?;
    if field.name() != Some("binary") {
        return Err(no_binary());
    }
    let max_size = state.settings.uploads.max_size;
    let file = receive_upload::receive(state.publishing(), max_size, bytes(multipart, field)).await?;
    Ok(HttpResponse::Ok().json(json!({"successful": true, "upload_id": file.id})))
}

/// The bytes of the part, and then the certainty that nothing is missing and nothing follows.
fn bytes(multipart: Multipart, field: Field) -> impl Stream<Item = Result<Bytes, Interrupted>> {
    stream::try_unfold((multipart, Some(field)), |(mut multipart, field)| async move {
        let Some(mut field) = field else { return Ok(None) };
        match in_time(field.next()).await? {
            Some(Ok(piece)) => Ok(Some((piece, (multipart, Some(field))))),
            Some(Err(_)) => Err(Interrupted::Broken),
            None => {
                drop(field);
                match in_time(multipart.next()).await? {
                    None => Ok(Some((Bytes::new(), (multipart, None)))),
                    Some(Ok(_)) => Err(Interrupted::More),
                    Some(Err(_)) => Err(Interrupted::Broken),
                }
            }
        }
    })
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
    let message = "The file was expected in the first part of the body, named 'binary'.";
    Problem::new(Code::MissingField, message).with("field", "binary")
}
