# HayPost's identity service.
{
  method: "POST",
  url: "https://identity.haypost.am/api/Connect/Token",
  headers: {"Content-Type": "application/json", Accept: "application/json"},
  body: {
    username: .credentials.username,
    password: .credentials.password,
    customerType: .credentials.customer_type
  }
}
