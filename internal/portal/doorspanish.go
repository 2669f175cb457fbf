package portal

// doorInSpanish holds what the doors of staff, the security page and the development
// mailbox say, and what the code behind the pages answers to a request that it
// refuses.
var doorInSpanish = map[string]string{
	// staff
	"Partner center": "Centro asociado", "Study staff": "Personal del estudio", "Login": "Usuario", "Password": "Contraseña",
	"You sign in with the account that you have at your institution.": "Usted entra con la cuenta que tiene en su institución.",
	"With a password": "Con una contraseña",
	"For an administrator who has an account of this service’s own.":                                        "Para un administrador que tiene una cuenta propia de este servicio.",
	"The login or the password is not right.":                                                               "El usuario o la contraseña no es correcto.",
	"There are no passwords here; please sign in with %s.":                                                  "Aquí no hay contraseñas; entre con %s, por favor.",
	"There are no pages for your role.":                                                                     "No hay páginas para su función.",
	"This account is closed; please ask the study’s office.":                                                "Esta cuenta está cerrada; pregunte en la oficina del estudio.",
	"Your institution knows you, but you have no part in this study’s work; please ask the study’s office.": "Su institución le conoce, pero usted no tiene parte en el trabajo de este estudio; pregunte en la oficina del estudio.",

	// the development mailbox
	"Development mailbox": "Buzón de desarrollo", "To %s": "Para %s", "No mail.": "No hay correo.",
	"This installation sends no mail. What it would send is shown here.": "Esta instalación no envía correo. Aquí se ve lo que enviaría.",

	// security
	"We write down who reads or changes your data, when and why.": "Anotamos quién lee o cambia sus datos, cuándo y por qué.",
	"Look at it": "Ver la lista", "%s on %s": "%s en %s",
	"Your password was right. Now please use your passkey.":                                                 "La contraseña es correcta. Ahora use su llave de acceso, por favor.",
	"Did you lose your passkey? An administrator can give you a new password, which takes the place of it.": "¿Perdió su llave de acceso? Un administrador puede darle una contraseña nueva, que la reemplaza.",
	"No passkey was made. Check your password, and try again.":                                              "No se creó ninguna llave de acceso. Revise su contraseña e intente otra vez.",
	"No passkey was used. You can try again.":                                                               "No se usó ninguna llave de acceso. Puede intentarlo otra vez.",
	"Once you have one, your password alone no longer lets anybody in.":                                     "Cuando tenga una, la contraseña sola ya no deja entrar a nadie.",
	"Those that you have": "Las que tiene", "Your password, to remove one": "Su contraseña, para quitar una", "Your password, to add one": "Su contraseña, para añadir una",
	"Remove the passkey": "Quitar la llave de acceso", "Choose the passkey that you want to remove.": "Elija la llave de acceso que quiere quitar.",
	"The password is not right.": "La contraseña no es correcta.",
	"That passkey does not open this; please try again. If it does not work, ask an administrator for a new password.": "Esa llave de acceso no abre esto; intente otra vez, por favor. Si no funciona, pida una contraseña nueva a un administrador.",
	"You have no such passkey.": "Usted no tiene esa llave de acceso.", "You have no passkey yet.": "Todavía no tiene ninguna llave de acceso.",
	"You have %d passkeys; remove one first.": "Usted tiene %d llaves de acceso; quite una primero.", "This passkey is in use already.": "Esta llave de acceso ya está en uso.",
	"Write a name for the passkey, of %d letters at most, such as My phone.":                                "Escriba un nombre para la llave de acceso, de %d letras como mucho, por ejemplo Mi teléfono.",
	"This is your only second lock; add another passkey or an authenticator app first.":                     "Esta es su única segunda cerradura; añada antes otra llave de acceso o una aplicación de autenticación.",
	"That passkey could not be used; please try again, or use a code.":                                      "No se pudo usar esa llave de acceso; intente otra vez, o use un código.",
	"This passkey may have been copied and no longer opens your account; please use a code, and remove it.": "Puede haber una copia de esta llave y ya no abre su cuenta; use un código, y quítela.",
	"Your authenticator is already set up.":                                                                 "Su aplicación de autenticación ya está lista.", "Set up your authenticator first.": "Prepare antes su aplicación de autenticación.",

	// coming in
	"There is no such account.": "No existe esa cuenta.", "This sign-in belongs to another account.": "Esta forma de entrar es de otra cuenta.",
	"This address belongs to another account.":                                                   "Este correo es de otra cuenta.",
	"This address was confirmed for an account meanwhile; please sign in.":                       "Entretanto alguien confirmó este correo para una cuenta; entre, por favor.",
	"%s has not verified an email address of yours; please sign in with a mailed code.":          "%s no ha comprobado ningún correo suyo; entre con un código por correo, por favor.",
	"This answer does not belong to a sign-in that began in this browser; please sign in again.": "Esta respuesta no es de una entrada que empezó en este navegador; entre otra vez, por favor.",
	"This answer is not from %s; please sign in again.":                                          "Esta respuesta no es de %s; entre otra vez, por favor.",
	"%s did not sign you in.":                                     "%s no le dejó entrar.",
	"%s gave no code; please sign in again.":                      "%s no dio ningún código; entre otra vez, por favor.",
	"%s gave no answer that can be used; please sign in again.":   "%s no dio una respuesta que sirva; entre otra vez, por favor.",
	"%s’s answer does not hold; please sign in again.":            "La respuesta de %s no es válida; entre otra vez, por favor.",
	"%s cannot be reached at the moment; please try again later.": "No se puede llegar a %s en este momento; intente más tarde, por favor.",

	// apps
	"This app was opened by somebody else; open it again from your own page.": "Esta aplicación la abrió otra persona; ábrala otra vez desde su propia página.",
	"The form did not say whether you allow it.":                              "El formulario no dijo si usted lo permite.",
	"The form did not say whose data the app may have.":                       "El formulario no dijo de quién son los datos que la aplicación puede recibir.",
	"There is no such app.":                                                   "No existe esa aplicación.",
	"There is no such app to open here.":                                      "Aquí no hay esa aplicación para abrir.",
	"This app cannot be opened from here.":                                    "Esta aplicación no se puede abrir desde aquí.",
	"Apps are opened for who is checked in.":                                  "Las aplicaciones se abren para quien ya llegó a su visita.",
	"This app has no access.":                                                 "Esta aplicación no tiene acceso.",
}
