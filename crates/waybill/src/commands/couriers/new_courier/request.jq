# {query, credentials, token} -> the request
{
  method: "GET",
  url: "https://api.example.com/track?number=\(.query.number | @uri)",
  headers: {accept: "application/json"}
}
