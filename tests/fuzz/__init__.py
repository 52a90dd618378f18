"""Made-up requests against every form, operation of the API and webhook: none may end in a 500."""
