"""What is asked of Vendure's Admin API, in GraphQL, and how our fields are called there."""

ACCOUNT = """
  fragment account on Customer { id firstName lastName emailAddress phoneNumber customFields { externalRef paymentDays }
    groups { id name customFields { isPriceList } }
    addresses { id company streetLine1 city postalCode country { code } } }"""
RESULT = "__typename ...account ... on ErrorResult { errorCode message }"

PROBE = "query { customers(options: {take: 1, filter: {externalRef: {isNull: false}}}) { totalItems } }"
FIND = (
    "query ($ref: String!) { customers(options: {filter: {externalRef: {eq: $ref}}}) { items { ...account } } }"
    + ACCOUNT
)
CLOSED = (
    "query ($ref: String!) { customers(options: {filter: {externalRef: {contains: $ref}}}) { items { id } } }"
)
CHANGED = """query ($since: DateTime!) { customers(options: {filter: {updatedAt: {after: $since},
  externalRef: {isNull: false}}, sort: {updatedAt: ASC}, take: 100}) { items { customFields { externalRef } } } }"""
GROUPS = """query ($name: String!) { customerGroups(options: {filter: {name: {eq: $name}}}) {
  items { id name customFields { isPriceList } } } }"""

CREATE = (
    "mutation ($input: CreateCustomerInput!, $password: String) { createCustomer(input: $input, password: $password) {"
    + RESULT
    + "} }"
    + ACCOUNT
)
UPDATE = (
    "mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {" + RESULT + "} }" + ACCOUNT
)
DELETE = "mutation ($id: ID!) { deleteCustomer(id: $id) { result } }"
ADD_ADDRESS = """mutation ($id: ID!, $input: CreateAddressInput!) {
  createCustomerAddress(customerId: $id, input: $input) { id } }"""
UPDATE_ADDRESS = "mutation ($input: UpdateAddressInput!) { updateCustomerAddress(input: $input) { id } }"
DELETE_ADDRESS = "mutation ($id: ID!) { deleteCustomerAddress(id: $id) { success } }"
ADD_TO_GROUP = """mutation ($group: ID!, $ids: [ID!]!) {
  addCustomersToGroup(customerGroupId: $group, customerIds: $ids) { id } }"""
REMOVE_FROM_GROUP = """mutation ($group: ID!, $ids: [ID!]!) {
  removeCustomersFromGroup(customerGroupId: $group, customerIds: $ids) { id } }"""

OF_CUSTOMER = {"email": "emailAddress", "phone": "phoneNumber"}
OF_ADDRESS = {
    "name": "company",
    "street": "streetLine1",
    "city": "city",
    "postal_code": "postalCode",
    "country": "countryCode",
}
